--- Letters and pages in Danish. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.da

return {
  language = "da",
  direction = "ltr",
  date = "{day}. {month} {year} kl. {time} ({zone})",
  months = {
    "januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober",
    "november", "december",
  },
  greeting = "Hej,",
  greeting_by_name = "Hej {name},",
  reminder_subject = "Påmindelse: {subject}",
  reminder = "Vi har tidligere skrevet til dig om dette. Siden er stadig åben for dig.",
  deadline = "Du kan bruge linket indtil den {deadline}. Derefter kan {platform} sende dig et nyt.",
  unexpected = "Der sker ingenting, medmindre du selv foretager dig noget. Hvis du ikke ventede "
    .. "denne besked, kan du se bort fra den.",
  personal = "Linket er kun beregnet til dig. Send det venligst ikke videre.",
  support = "Har du spørgsmål? Skriv til {support}.",
  copy_address = "Hvis knappen ikke virker, kan du kopiere denne adresse ind i din browser:",
  sign_off = "Med venlig hilsen",
  letters = {
    approval = {
      subject = "{platform} beder om forbindelse til jeres Debitura-konto",
      body = {
        "{platform} kan sende jeres kunders ubetalte fakturaer til Debitura, som er et "
          .. "inkassonetværk. Jeres virksomhed har allerede en konto hos Debitura, så vi har "
          .. "brug for jeres tilladelse til at forbinde den med {platform}.",
        "Den næste side ligger hos Debitura. Den viser, hvad {platform} beder om. Her kan du "
          .. "godkende eller afvise anmodningen.",
      },
      button = "Se anmodningen",
    },
    choice = {
      subject = "{platform} beder om forbindelse til jeres Debitura-konto",
      body = {
        "{platform} kan sende jeres kunders ubetalte fakturaer til Debitura, som er et "
          .. "inkassonetværk. Du har allerede et login hos Debitura, så vi har brug for at "
          .. "vide, hvilken virksomhed der skal forbindes.",
        "Den næste side ligger hos Debitura. Her vælger du virksomheden eller tilføjer en ny.",
      },
      button = "Vælg virksomhed",
    },
    onboarding = {
      subject = "Færdiggør jeres tilmelding til inkassotjenesten",
      body = {
        "{platform} samarbejder med Debitura, et inkassonetværk, der kan inddrive jeres kunders "
          .. "ubetalte fakturaer.",
        "Den næste side ligger hos Debitura. Her kontrollerer du oplysningerne om jeres "
          .. "virksomhed og underskriver inkassoaftalen.",
      },
      button = "Færdiggør tilmeldingen",
    },
    signing = {
      subject = "Jeres sager mangler din underskrift",
      body = {
        "I har bedt {platform} om at sende ubetalte fakturaer til Debitura. Før Debitura kan gå "
          .. "videre, er der brug for din underskrift, for eksempel på inkassoaftalen eller en "
          .. "fuldmagt.",
        "Den næste side ligger hos Debitura. Den viser dokumenterne ét ad gangen, og du kan "
          .. "læse hvert dokument, før du underskriver.",
      },
      button = "Læs og underskriv",
    },
    kyc = {
      subject = "Der er brug for en identitetskontrol i jeres sager",
      body = {
        "I har bedt {platform} om at sende ubetalte fakturaer til Debitura. Før fakturaerne kan "
          .. "inddrives, skal inkassopartneren kontrollere identiteten på et medlem af ledelsen "
          .. "i jeres virksomhed.",
        "Den næste side ligger hos Debitura. Det tager nogle få minutter at udfylde formularen.",
      },
      button = "Åbn formularen",
    },
  },
  pages = {
    link = {
      title = "Opret forbindelse til Debitura",
      text = "{platform} samarbejder med Debitura om at inddrive ubetalte fakturaer. På den "
        .. "næste side beder Debitura dig om at bekræfte forbindelsen eller færdiggøre "
        .. "oprettelsen af jeres konto. Der sker ikke noget, før du har taget stilling dér.",
      button = "Fortsæt til Debitura",
    },
    signing = {
      title = "Dokumenter til underskrift",
      text = "Debitura har brug for din underskrift, før jeres sager kan fortsætte. Den næste "
        .. "side viser dokumenterne ét ad gangen. Derefter vender du tilbage til {platform}.",
      button = "Fortsæt til dokumenterne",
    },
    kyc = {
      title = "Identitetskontrol",
      text = "Inkassopartneren skal vide, hvem der leder jeres virksomhed, før jeres sager kan "
        .. "fortsætte. Det tager nogle få minutter at udfylde formularen på den næste side.",
      button = "Fortsæt til formularen",
    },
    done = {
      title = "Alt er på plads",
      text = "Du behøver ikke at gøre mere her. {platform} holder jer orienteret.",
    },
    later = {
      title = "Vent venligst et øjeblik",
      text = "Siden er ved at blive gjort klar. Prøv igen om et minut.",
      button = "Prøv igen",
    },
    gone = {
      title = "Dette link er ikke længere i brug",
      text = "Linket er måske ufuldstændigt, eller også er det blevet erstattet af et nyere. "
        .. "Brug den seneste besked, du har modtaget, eller kontakt {platform}.",
    },
  },
}
