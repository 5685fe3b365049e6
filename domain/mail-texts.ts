import type { Language } from './languages.ts';

/** What a mail says; whom it goes to is known to the sender alone. */
export interface MailText {
  subject: string;
  text: string;
}

export interface InviteFacts {
  language: Language;
  businessName: string;
  /** The name that the invite was given, for the greeting. */
  name: string | null;
  link: string;
  days: number;
}

/** Asks somebody to join the team of a business. */
export function inviteMail({ language, businessName, name, link, days }: InviteFacts): MailText {
  const words = INVITE[language];
  const lines = [greet(language, name), words.body(businessName), link, words.ends(days), words.ignore];
  return { subject: words.subject(businessName), text: paragraphs(lines) };
}

export interface PasswordFacts {
  language: Language;
  link: string;
}

/** Lets whoever reads this mailbox set a new password. */
export function passwordMail({ language, link }: PasswordFacts): MailText {
  const words = PASSWORD[language];
  return {
    subject: words.subject,
    text: paragraphs([greet(language, null), words.body, link, words.ends, words.ignore]),
  };
}

const HELLO: Record<Language, string> = { en: 'Hello', es: 'Hola', it: 'Ciao', nl: 'Hallo', pl: 'Dzień dobry' };

function greet(language: Language, name: string | null): string {
  return name === null ? `${HELLO[language]},` : `${HELLO[language]} ${name},`;
}

function paragraphs(lines: readonly string[]): string {
  return `${lines.join('\n\n')}\n`;
}

interface InviteWords {
  subject(business: string): string;
  body(business: string): string;
  ends(days: number): string;
  ignore: string;
}

const INVITE: Record<Language, InviteWords> = {
  en: {
    subject: (business) => `Join ${business} on Bob`,
    body: (business) => `${business} invites you to its team on Bob. Choose a password here to join:`,
    ends: (days) => `The link works once, for ${days} days.`,
    ignore: 'If you do not expect this, ignore this mail: nothing happens.',
  },
  es: {
    subject: (business) => `Únete a ${business} en Bob`,
    body: (business) => `${business} te invita a su equipo en Bob. Elige aquí una contraseña para unirte:`,
    ends: (days) => `El enlace sirve una sola vez, durante ${days} días.`,
    ignore: 'Si no esperabas este correo, no hagas nada: no pasará nada.',
  },
  it: {
    subject: (business) => `Unisciti a ${business} su Bob`,
    body: (business) => `${business} ti invita nel suo team su Bob. Scegli qui una password per entrare:`,
    ends: (days) => `Il link vale una volta sola, per ${days} giorni.`,
    ignore: 'Se non aspettavi questo messaggio, ignoralo: non succede nulla.',
  },
  nl: {
    subject: (business) => `Word lid van ${business} op Bob`,
    body: (business) => `${business} nodigt je uit voor het team op Bob. Kies hier een wachtwoord om mee te doen:`,
    ends: (days) => `De link werkt één keer, ${days} dagen lang.`,
    ignore: 'Verwachtte je dit niet? Doe dan niets: er gebeurt niets.',
  },
  pl: {
    subject: (business) => `Dołącz do ${business} w Bob`,
    body: (business) => `${business} zaprasza Cię do swojego zespołu w Bob. Ustaw tutaj hasło, aby dołączyć:`,
    ends: (days) => `Link działa jeden raz, przez ${days} dni.`,
    ignore: 'Jeśli nie spodziewasz się tej wiadomości, zignoruj ją: nic się nie stanie.',
  },
};

const PASSWORD: Record<Language, { subject: string; body: string; ends: string; ignore: string }> = {
  en: {
    subject: 'A new password for Bob',
    body: 'Somebody asked for a new password for this address. Choose it here:',
    ends: 'The link works once, for one hour. Then every device has to sign in again.',
    ignore: 'If it was not you, ignore this mail: your password stays as it is.',
  },
  es: {
    subject: 'Una contraseña nueva para Bob',
    body: 'Alguien ha pedido una contraseña nueva para esta dirección. Elígela aquí:',
    ends: 'El enlace sirve una sola vez, durante una hora. Después hay que volver a entrar en cada dispositivo.',
    ignore: 'Si no has sido tú, ignora este correo: tu contraseña no cambia.',
  },
  it: {
    subject: 'Una nuova password per Bob',
    body: 'Qualcuno ha chiesto una nuova password per questo indirizzo. Sceglila qui:',
    ends: 'Il link vale una volta sola, per un’ora. Poi ogni dispositivo dovrà accedere di nuovo.',
    ignore: 'Se non sei stato tu, ignora questo messaggio: la tua password resta la stessa.',
  },
  nl: {
    subject: 'Een nieuw wachtwoord voor Bob',
    body: 'Iemand heeft een nieuw wachtwoord voor dit adres gevraagd. Kies het hier:',
    ends: 'De link werkt één keer, een uur lang. Daarna moet elk apparaat opnieuw inloggen.',
    ignore: 'Was jij het niet? Doe dan niets: je wachtwoord blijft zoals het is.',
  },
  pl: {
    subject: 'Nowe hasło do Bob',
    body: 'Ktoś poprosił o nowe hasło dla tego adresu. Ustaw je tutaj:',
    ends: 'Link działa jeden raz, przez godzinę. Potem na każdym urządzeniu trzeba zalogować się ponownie.',
    ignore: 'Jeśli to nie Ty, zignoruj tę wiadomość: hasło pozostanie bez zmian.',
  },
};
