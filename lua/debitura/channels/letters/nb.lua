--- Letters and pages in Norwegian (Bokmål). debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.nb

return {
  date = "{day}. {month} {year} kl. {time} ({zone})",
  months = {
    "januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober",
    "november", "desember",
  },
  greeting = "Hei!",
  greeting_by_name = "Hei, {name}!",
  reminder_subject = "Påminnelse: {subject}",
  reminder = "Vi har skrevet til deg om dette tidligere. Siden er fortsatt åpen for deg.",
  deadline = "Du kan bruke lenken fram til {deadline}. Deretter kan {platform} sende deg en ny.",
  unexpected = [[
    Ingenting skjer med mindre du selv foretar deg noe. Hvis du ikke ventet denne meldingen, kan du
    se bort fra den.]],
  personal = "Lenken er bare ment for deg. Vi ber om at du ikke sender den videre.",
  support = "Har du spørsmål? Skriv til {support}.",
  copy_address = "Hvis knappen ikke virker, kan du kopiere denne adressen inn i nettleseren:",
  sign_off = "Med vennlig hilsen",
  letters = {
    approval = [[
      {platform} ber om tilkobling til Debitura-kontoen din

      {platform} kan sende ubetalte kundefakturaer fra bedriften din til Debitura, som er et
      inkassonettverk. Bedriften har allerede en konto hos Debitura, så vi trenger tillatelse fra
      deg til å koble den til {platform}.

      Neste side ligger hos Debitura. Den viser hva {platform} ber om. Der kan du godkjenne eller
      avslå.

      Se forespørselen]],
    choice = [[
      {platform} ber om tilkobling til Debitura-kontoen din

      {platform} kan sende ubetalte kundefakturaer fra bedriften din til Debitura, som er et
      inkassonettverk. Du har allerede en innlogging hos Debitura, så vi trenger å vite hvilken
      bedrift som skal kobles til.

      Neste side ligger hos Debitura. Der velger du bedriften eller legger til en ny.

      Velg bedrift]],
    onboarding = [[
      Fullfør registreringen i inkassotjenesten

      {platform} samarbeider med Debitura, et inkassonettverk som kan kreve inn ubetalte
      kundefakturaer for bedriften din.

      Neste side ligger hos Debitura. Der kontrollerer du opplysningene om bedriften og signerer
      inkassoavtalen.

      Fullfør registreringen]],
    signing = [[
      Det trengs en underskrift i sakene dine

      Bedriften din har bedt {platform} om å sende ubetalte fakturaer til Debitura. Før Debitura kan
      gå videre, trengs underskriften din, for eksempel på inkassoavtalen eller en fullmakt.

      Neste side ligger hos Debitura. Den viser dokumentene ett om gangen, og du kan lese hvert
      dokument før du signerer.

      Les og signer]],
    kyc = [[
      Det trengs en identitetskontroll i sakene dine

      Bedriften din har bedt {platform} om å sende ubetalte fakturaer til Debitura. Før fakturaene
      kan kreves inn, må inkassopartneren kontrollere identiteten til en person i bedriftens
      ledelse.

      Neste side ligger hos Debitura. Skjemaet tar noen få minutter å fylle ut.

      Åpne skjemaet]],
  },
  pages = {
    link = [[
      Koble til Debitura

      {platform} samarbeider med Debitura om å kreve inn ubetalte fakturaer. På neste side ber
      Debitura deg om å bekrefte tilkoblingen eller fullføre opprettelsen av kontoen din. Ingenting
      skjer før du har tatt et valg der.

      Fortsett til Debitura]],
    signing = [[
      Dokumenter til signering

      Debitura trenger underskriften din før sakene dine kan gå videre. Neste side viser dokumentene
      ett om gangen. Etterpå kommer du tilbake til {platform}.

      Fortsett til dokumentene]],
    kyc = [[
      Identitetskontroll

      Inkassopartneren må vite hvem som leder bedriften din, før sakene dine kan gå videre. Skjemaet
      på neste side tar noen få minutter å fylle ut.

      Fortsett til skjemaet]],
    done = [[
      Alt er klart

      Du trenger ikke å gjøre noe mer her. {platform} holder deg orientert.]],
    later = [[
      Vent et øyeblikk

      Siden blir gjort klar. Prøv igjen om et minutt.

      Prøv igjen]],
    gone = [[
      Denne lenken er ikke lenger i bruk

      Den kan være ufullstendig, eller den kan være erstattet av en nyere lenke. Bruk den siste
      meldingen du har fått, eller ta kontakt med {platform}.]],
  },
}
