import type { Language } from './vocabulary.ts';

export type FixedText = 'greeting' | 'thanks' | 'goodbye' | 'askBack' | 'unknown' | 'identity' | 'fromSources';

/** None holds a digit or a link: an answer that makes no claim must not look like one. */
export const FIXED_TEXTS: Record<Language, Record<FixedText, string>> = {
  en: {
    greeting: 'Hello! How can I help you?',
    thanks: 'You are welcome. Is there anything else you would like to know?',
    goodbye: 'Goodbye, and have a nice day!',
    askBack: 'What would you like to know? Please tell me a little more.',
    unknown: 'I do not know: I found nothing about this in the information I have.',
    identity: 'I am bob-offline, a small built-in model: I answer by quoting the information I was given.',
    fromSources: 'Our information says:',
  },
  es: {
    greeting: '¡Hola! ¿En qué puedo ayudarle?',
    thanks: 'De nada. ¿Desea saber algo más?',
    goodbye: '¡Adiós, que tenga un buen día!',
    askBack: '¿Qué le gustaría saber? Cuénteme un poco más, por favor.',
    unknown: 'No lo sé: no he encontrado nada sobre esto en la información que tengo.',
    identity: 'Soy bob-offline, un pequeño modelo incorporado: respondo citando la información que me han dado.',
    fromSources: 'Nuestra información dice:',
  },
  it: {
    greeting: 'Salve! Come posso aiutarla?',
    thanks: 'Prego. Desidera sapere altro?',
    goodbye: 'Arrivederci e buona giornata!',
    askBack: 'Che cosa desidera sapere? Mi dica qualcosa in più, per favore.',
    unknown: 'Non lo so: non ho trovato nulla su questo nelle informazioni che ho.',
    identity: 'Sono bob-offline, un piccolo modello integrato: rispondo citando le informazioni che ho ricevuto.',
    fromSources: 'Le nostre informazioni dicono:',
  },
  nl: {
    greeting: 'Hallo! Waarmee kan ik u helpen?',
    thanks: 'Graag gedaan. Wilt u nog iets weten?',
    goodbye: 'Tot ziens en een fijne dag!',
    askBack: 'Wat wilt u graag weten? Vertel me alstublieft iets meer.',
    unknown: 'Dat weet ik niet: ik heb hierover niets gevonden in de informatie die ik heb.',
    identity: 'Ik ben bob-offline, een klein ingebouwd model: ik antwoord door de gekregen informatie aan te halen.',
    fromSources: 'Onze informatie zegt:',
  },
  pl: {
    greeting: 'Dzień dobry! W czym mogę pomóc?',
    thanks: 'Proszę bardzo. Czy mogę pomóc w czymś jeszcze?',
    goodbye: 'Do widzenia, miłego dnia!',
    askBack: 'O co chcieliby Państwo zapytać? Proszę napisać coś więcej.',
    unknown: 'Nie wiem: nie znalazłem nic na ten temat w informacjach, które mam.',
    identity: 'Jestem bob-offline, mały wbudowany model: odpowiadam, cytując otrzymane informacje.',
    fromSources: 'W naszych informacjach czytamy:',
  },
};
