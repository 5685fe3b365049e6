import type { Language } from './languages.ts';

/** What Bob says in fixed words. No model writes these, so they are the same on every path and can be proved. */
export type FixedTextKey = 'disclosure' | 'refused' | 'failed' | 'credit_stopped' | 'paused';

/** Raised with every change of a disclosure text: the version is stored with each session that saw it. */
export const DISCLOSURE_VERSION = 1;

const FIXED_TEXTS: Readonly<Record<FixedTextKey, Readonly<Record<Language, string>>>> = {
  disclosure: {
    en: 'You are chatting with {name}, an AI assistant. You can ask for a person at any time.',
    es: 'Está chateando con {name}, un asistente de IA. Puede pedir hablar con una persona en cualquier momento.',
    it: 'Sta chattando con {name}, un assistente IA. Può chiedere di parlare con una persona in qualsiasi momento.',
    nl: 'U chat met {name}, een AI-assistent. U kunt op elk moment om een medewerker vragen.',
    pl: 'Rozmawia Pan/Pani z {name}, asystentem AI. W każdej chwili można poprosić o rozmowę z człowiekiem.',
  },
  refused: {
    en: 'I have no approved information about that, so I would rather not guess. A person can help you further.',
    es: 'No tengo información aprobada sobre eso y prefiero no adivinar. Una persona puede ayudarle.',
    it: 'Non ho informazioni approvate su questo e preferisco non tirare a indovinare. Una persona può aiutarla.',
    nl: 'Daarover heb ik geen goedgekeurde informatie en ik raad liever niet. Een medewerker kan u verder helpen.',
    pl: 'Nie mam na ten temat zatwierdzonych informacji i wolę nie zgadywać. Pomoże Państwu człowiek.',
  },
  failed: {
    en: 'Sorry, I could not answer just now. Nothing was charged. Please try again in a moment.',
    es: 'Lo siento, ahora mismo no he podido responder. No se ha cobrado nada. Inténtelo de nuevo en un momento.',
    it: 'Mi dispiace, al momento non sono riuscito a rispondere. Nessun addebito. Riprovi tra poco.',
    nl: 'Sorry, ik kon zojuist niet antwoorden. Er is niets in rekening gebracht. Probeer het zo meteen opnieuw.',
    pl: 'Przepraszam, nie udało mi się teraz odpowiedzieć. Nic nie zostało naliczone. Proszę spróbować za chwilę.',
  },
  credit_stopped: {
    en: 'I cannot answer right now. Please leave your message here and a person will get back to you.',
    es: 'Ahora mismo no puedo responder. Deje aquí su mensaje y una persona se pondrá en contacto con usted.',
    it: 'Al momento non posso rispondere. Lasci qui il suo messaggio e una persona la ricontatterà.',
    nl: 'Ik kan nu niet antwoorden. Laat hier uw bericht achter en een medewerker neemt contact met u op.',
    pl: 'Nie mogę teraz odpowiedzieć. Proszę zostawić wiadomość, a odpowie na nią człowiek.',
  },
  paused: {
    en: 'This chat is not available at the moment. Please try again later.',
    es: 'Este chat no está disponible en este momento. Inténtelo de nuevo más tarde.',
    it: 'Al momento questa chat non è disponibile. Riprovi più tardi.',
    nl: 'Deze chat is op dit moment niet beschikbaar. Probeer het later opnieuw.',
    pl: 'Ten czat jest teraz niedostępny. Proszę spróbować ponownie później.',
  },
};

export function fixedText(key: FixedTextKey, { language, name }: { language: Language; name: string }): string {
  // A function as replacement: in a text, `$&` in a persona's name would be read as a pattern.
  return FIXED_TEXTS[key][language].replaceAll('{name}', () => name);
}
