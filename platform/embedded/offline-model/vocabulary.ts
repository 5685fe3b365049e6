export type Language = 'en' | 'es' | 'it' | 'nl' | 'pl';

/** Words that carry no subject. They are left out of the comparison, and they tell the language of a short question. */
export const FUNCTION_WORDS: Record<Language, readonly string[]> = {
  en: list(`
    a about after all also am an and any are as at be been but by can could did do does for from get give had
    has have he her here hers him his how i if in into is it its just know let like many may me more much my no
    not of off on or our out please she should so some tell than that the their them then there these they this
    those to too up us use was we were what when where which who whom whose why will with would you your yours
    want need offer show explain`),
  es: list(`
    al algo algun alguna ante aqui asi como con cual cuales cuando cuanta cuanto cuantos cuantas de del desde
    donde dos el ella ellos en entre era es esa ese eso esta estan este esto favor fue ha hay hasta la las le
    les lo los mas me mi mis muy nos nosotros o os para pero por porque puede puedo pueden que quien quiero
    saber se sea ser si sin sobre son su sus tambien te tiene tienen tengo ti todo tu tus un una uno unos usted
    y ya yo necesito ofrecen decir dime`),
  it: list(`
    a agli ai al alla alle allo anche che chi ci come con cosa cui da dal dalla dei del della delle dello di
    dove e ed ecco era essere favore fra gli ha hai hanno ho i il in io la le lei lo loro ma mi mia mio mie miei
    nei nel nella noi non o per perche piu posso puo possono quale quali quando quanta quanto quanti quante
    questa questo qui sa sapere se sei si sono sta su sua sul sulla suo suoi ti tra tu tutto un una uno vi voi
    vorrei avete offrite dimmi`),
  nl: list(`
    aan al alle als ben bij daar dan dat de der deze die dit door een en er ga gaat geen graag had heb hebben
    heeft het hem hij hoe hoeveel hun ik in is ja jij jouw jullie kan kunnen kunt maar me met mij mijn moet na
    naar nee niet nog nu of om omdat onder ons onze ook op over per te tot uit uw u van veel voor waar waarom
    wanneer was wat we weer welk welke wel werd wie wij wil wilt willen worden wordt zij zijn zo zou vertel
    bieden weten`),
  pl: list(`
    a aby albo ale bardzo bez bo byc byl bym ci co czy dla do gdzie go i ich ile im ja jak jaka jaki jakie jako
    je jest jestem jego jej ktora ktore ktory kto kiedy lub ma macie maja mam mi mnie moge moj moja moje mozna
    moze na nam nas nasz nie niz o od on ona one oni oraz po pod pan pani prosze przez przy sa sie ta tak tam te
    tego tej ten to tu ty tym u w wam was wasz we wiec z za ze zeby chce chcialbym potrzebuje oferujecie powiedz`),
};

/** "I need help with my order" asks nothing yet. */
export const HELP_WORDS: readonly string[] = list(
  'help ayuda ayudar ayudarme aiuto aiutare aiutarmi hulp helpen pomoc pomocy',
);

interface Concept {
  name: string;
  words: Record<Language, readonly string[]>;
}

/** What visitors of any business ask about, so that a question finds its passage across languages. */
export const CONCEPTS: readonly Concept[] = table(`
price: cost price pricing fee charge rate expensive | cuesta cuestan coste precio precios tarifa vale | costa
  costano costo prezzo prezzi tariffa | kost kosten prijs prijzen tarief | kosztuje kosztuja koszt koszty cena
  ceny cennik
plan: plan subscription tier package | plan planes suscripcion paquete | piano piani abbonamento pacchetto |
  abonnement abonnementen pakket plan | plan plany planie abonament abonamentu pakiet
month: month monthly | mes meses mensual | mese mesi mensile | maand maanden maandelijks | miesiac miesieczna
  miesiecznie miesieczny
year: year yearly annual annually | ano anos anual | anno anni annuale | jaar jaren jaarlijks | rok roku rocznie
  roczny lata
day: day daily | dia dias diario | giorno giorni | dag dagen | dzien dni dniach
hours: hours open opening closed close | horario horarios abierto abren cierran | orario orari aperto aprite
  chiudete | openingstijden uren open geopend gesloten | godziny godzinach otwarcia otwarte czynne
return: return exchange | devolucion devoluciones devolver cambio | reso resi restituire restituzione | retour
  retourneren terugsturen ruilen | zwrot zwroty zwrocic wymiana
refund: refund reimbursement | reembolso reembolsar | rimborso rimborsi | terugbetaling terugbetaald |
  refundacja pieniedzy
shipping: ship shipping shipment deliver delivery | envio envios enviar entrega | spedizione spedizioni consegna
  spedire | verzending verzenden bezorging levering leveren | wysylka wysylki dostawa dostawy
order: order | pedido pedidos | ordine ordini | bestelling bestellingen bestellen | zamowienie zamowienia
payment: pay payment invoice | pagar pago pagos factura | pagare pagamento pagamenti fattura | betalen betaling
  factuur | platnosc platnosci zaplacic faktura
contact: contact reach | contacto contactar | contatto contattare contatti | contact bereiken | kontakt
  skontaktowac
phone: phone telephone call | telefono llamar | telefono chiamare | telefoon telefoonnummer bellen | telefon
  telefonu zadzwonic
email: email mail | correo email | email | email mail | email mail poczta
address: address located location | direccion ubicacion | indirizzo sede | adres locatie | adres adresu siedziba
cancel: cancel cancellation terminate | cancelar cancelacion baja | disdire cancellare disdetta annullare |
  opzeggen annuleren annulering | anulowac anulowania rezygnacja
user: user seat member | usuario usuarios asiento miembro | utente utenti posto membro | gebruiker gebruikers
  plaats teamplaatsen lid | uzytkownik uzytkownikow miejsce czlonek
team: team | equipo | squadra team | team | zespol zespolu
credit: credit | credito creditos | credito crediti | tegoed credit credits | kredyt kredyty kredytow
integration: integration connect | integracion integraciones | integrazione integrazioni | integratie
  integraties koppeling | integracja integracje integracji
include: include contain | incluye incluyen incluido | include includono compreso | bevat inbegrepen omvat |
  zawiera obejmuje
free: free trial | gratis gratuito prueba | gratis gratuito prova | gratis proefperiode | darmowy bezplatny
  probny
support: support assistance | soporte asistencia | supporto assistenza | ondersteuning support | wsparcie
language: language | idioma idiomas | lingua lingue | taal talen | jezyk jezyki jezykach
discount: discount | descuento descuentos | sconto sconti | korting | rabat znizka
warranty: warranty guarantee | garantia | garanzia | garantie | gwarancja gwarancji
privacy: privacy data | privacidad datos | privacy dati | privacy gegevens | prywatnosc dane danych
appointment: appointment booking reservation book | cita reserva reservar | appuntamento prenotazione prenotare
  | afspraak reservering boeken | wizyta rezerwacja umowic
`);

function list(words: string): string[] {
  return words.split(/\s+/).filter((word) => word !== '');
}

function table(rows: string): Concept[] {
  return rows
    .trim()
    .split(/\n(?=\w)/)
    .map((row) => {
      const [name = '', words = ''] = row.split(':');
      const [en = '', es = '', it = '', nl = '', pl = ''] = words.split('|');
      return { name, words: { en: list(en), es: list(es), it: list(it), nl: list(nl), pl: list(pl) } };
    });
}
