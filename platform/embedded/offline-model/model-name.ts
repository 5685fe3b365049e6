/** The model names itself honestly: nobody should take its answers for those of a large model. */
export const MODEL_NAME = 'bob-offline';
