--- Letters and pages in Norwegian (Bokmål). debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.nb

return {
  language = "nb",
  direction = "ltr",
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
  unexpected = "Ingenting skjer med mindre du selv foretar deg noe. Hvis du ikke ventet denne "
    .. "meldingen, kan du se bort fra den.",
  personal = "Lenken er bare ment for deg. Vi ber om at du ikke sender den videre.",
  support = "Har du spørsmål? Skriv til {support}.",
  copy_address = "Hvis knappen ikke virker, kan du kopiere denne adressen inn i nettleseren:",
  sign_off = "Med vennlig hilsen",
  letters = {
    approval = {
      subject = "{platform} ber om tilkobling til Debitura-kontoen din",
      body = {
        "{platform} kan sende ubetalte kundefakturaer fra bedriften din til Debitura, som er et "
          .. "inkassonettverk. Bedriften har allerede en konto hos Debitura, så vi trenger "
          .. "tillatelse fra deg til å koble den til {platform}.",
        "Neste side ligger hos Debitura. Den viser hva {platform} ber om. Der kan du godkjenne "
          .. "eller avslå.",
      },
      button = "Se forespørselen",
    },
    choice = {
      subject = "{platform} ber om tilkobling til Debitura-kontoen din",
      body = {
        "{platform} kan sende ubetalte kundefakturaer fra bedriften din til Debitura, som er et "
          .. "inkassonettverk. Du har allerede en innlogging hos Debitura, så vi trenger å vite "
          .. "hvilken bedrift som skal kobles til.",
        "Neste side ligger hos Debitura. Der velger du bedriften eller legger til en ny.",
      },
      button = "Velg bedrift",
    },
    onboarding = {
      subject = "Fullfør registreringen i inkassotjenesten",
      body = {
        "{platform} samarbeider med Debitura, et inkassonettverk som kan kreve inn ubetalte "
          .. "kundefakturaer for bedriften din.",
        "Neste side ligger hos Debitura. Der kontrollerer du opplysningene om bedriften og "
          .. "signerer inkassoavtalen.",
      },
      button = "Fullfør registreringen",
    },
    signing = {
      subject = "Det trengs en underskrift i sakene dine",
      body = {
        "Bedriften din har bedt {platform} om å sende ubetalte fakturaer til Debitura. Før "
          .. "Debitura kan gå videre, trengs underskriften din, for eksempel på inkassoavtalen "
          .. "eller en fullmakt.",
        "Neste side ligger hos Debitura. Den viser dokumentene ett om gangen, og du kan lese "
          .. "hvert dokument før du signerer.",
      },
      button = "Les og signer",
    },
    kyc = {
      subject = "Det trengs en identitetskontroll i sakene dine",
      body = {
        "Bedriften din har bedt {platform} om å sende ubetalte fakturaer til Debitura. Før "
          .. "fakturaene kan kreves inn, må inkassopartneren kontrollere identiteten til en "
          .. "person i bedriftens ledelse.",
        "Neste side ligger hos Debitura. Skjemaet tar noen få minutter å fylle ut.",
      },
      button = "Åpne skjemaet",
    },
  },
  pages = {
    link = {
      title = "Koble til Debitura",
      text = "{platform} samarbeider med Debitura om å kreve inn ubetalte fakturaer. På neste "
        .. "side ber Debitura deg om å bekrefte tilkoblingen eller fullføre opprettelsen av "
        .. "kontoen din. Ingenting skjer før du har tatt et valg der.",
      button = "Fortsett til Debitura",
    },
    signing = {
      title = "Dokumenter til signering",
      text = "Debitura trenger underskriften din før sakene dine kan gå videre. Neste side "
        .. "viser dokumentene ett om gangen. Etterpå kommer du tilbake til {platform}.",
      button = "Fortsett til dokumentene",
    },
    kyc = {
      title = "Identitetskontroll",
      text = "Inkassopartneren må vite hvem som leder bedriften din, før sakene dine kan gå "
        .. "videre. Skjemaet på neste side tar noen få minutter å fylle ut.",
      button = "Fortsett til skjemaet",
    },
    done = {
      title = "Alt er klart",
      text = "Du trenger ikke å gjøre noe mer her. {platform} holder deg orientert.",
    },
    later = {
      title = "Vent et øyeblikk",
      text = "Siden blir gjort klar. Prøv igjen om et minutt.",
      button = "Prøv igjen",
    },
    gone = {
      title = "Denne lenken er ikke lenger i bruk",
      text = "Den kan være ufullstendig, eller den kan være erstattet av en nyere lenke. Bruk "
        .. "den siste meldingen du har fått, eller ta kontakt med {platform}.",
    },
  },
}
