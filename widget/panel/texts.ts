import type { Language } from '../types.ts';

export interface Texts {
  close: string;
  write: string;
  send: string;
  thinking: string;
  person: string;
  failed: string;
  refused: string;
  privacy: string;
  agree: string;
}

export const TEXTS: Record<Language, Texts> = {
  en: {
    close: 'Close',
    write: 'Your message',
    send: 'Send',
    thinking: 'Writing …',
    person: 'A person will answer here.',
    failed: 'Not sent. Please try again.',
    refused: 'This chat is not available here.',
    privacy: 'Privacy',
    agree: 'Start the chat; it is stored so that you can go on later',
  },
  es: {
    close: 'Cerrar',
    write: 'Su mensaje',
    send: 'Enviar',
    thinking: 'Escribiendo …',
    person: 'Una persona responderá aquí.',
    failed: 'No se ha enviado. Inténtelo de nuevo.',
    refused: 'Este chat no está disponible aquí.',
    privacy: 'Privacidad',
    agree: 'Iniciar el chat; se guarda para poder continuarlo',
  },
  it: {
    close: 'Chiudi',
    write: 'Il suo messaggio',
    send: 'Invia',
    thinking: 'Sta scrivendo …',
    person: 'Una persona risponderà qui.',
    failed: 'Non inviato. Riprovi.',
    refused: 'Questa chat non è disponibile qui.',
    privacy: 'Privacy',
    agree: 'Avvia la chat; viene salvata per poterla continuare',
  },
  nl: {
    close: 'Sluiten',
    write: 'Uw bericht',
    send: 'Verzenden',
    thinking: 'Schrijft …',
    person: 'Een medewerker antwoordt hier.',
    failed: 'Niet verzonden. Probeer het opnieuw.',
    refused: 'Deze chat is hier niet beschikbaar.',
    privacy: 'Privacy',
    agree: 'Start de chat; die wordt bewaard om verder te kunnen gaan',
  },
  pl: {
    close: 'Zamknij',
    write: 'Wiadomość',
    send: 'Wyślij',
    thinking: 'Pisze …',
    person: 'Odpowie tu człowiek.',
    failed: 'Nie wysłano. Proszę spróbować ponownie.',
    refused: 'Ten czat nie jest tu dostępny.',
    privacy: 'Prywatność',
    agree: 'Rozpocznij czat; jest zapisywany, aby można go było kontynuować',
  },
};
