--- Letters and pages in Danish. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.da

return {
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
  unexpected = [[
    Der sker ingenting, medmindre du selv foretager dig noget. Hvis du ikke ventede denne besked,
    kan du se bort fra den.]],
  personal = "Linket er kun beregnet til dig. Send det venligst ikke videre.",
  support = "Har du spørgsmål? Skriv til {support}.",
  copy_address = "Hvis knappen ikke virker, kan du kopiere denne adresse ind i din browser:",
  sign_off = "Med venlig hilsen",
  letters = {
    approval = [[
      {platform} beder om forbindelse til jeres Debitura-konto

      {platform} kan sende jeres kunders ubetalte fakturaer til Debitura, som er et inkassonetværk.
      Jeres virksomhed har allerede en konto hos Debitura, så vi har brug for jeres tilladelse til
      at forbinde den med {platform}.

      Den næste side ligger hos Debitura. Den viser, hvad {platform} beder om. Her kan du godkende
      eller afvise anmodningen.

      Se anmodningen]],
    choice = [[
      {platform} beder om forbindelse til jeres Debitura-konto

      {platform} kan sende jeres kunders ubetalte fakturaer til Debitura, som er et inkassonetværk.
      Du har allerede et login hos Debitura, så vi har brug for at vide, hvilken virksomhed der skal
      forbindes.

      Den næste side ligger hos Debitura. Her vælger du virksomheden eller tilføjer en ny.

      Vælg virksomhed]],
    onboarding = [[
      Færdiggør jeres tilmelding til inkassotjenesten

      {platform} samarbejder med Debitura, et inkassonetværk, der kan inddrive jeres kunders
      ubetalte fakturaer.

      Den næste side ligger hos Debitura. Her kontrollerer du oplysningerne om jeres virksomhed og
      underskriver inkassoaftalen.

      Færdiggør tilmeldingen]],
    signing = [[
      Jeres sager mangler din underskrift

      I har bedt {platform} om at sende ubetalte fakturaer til Debitura. Før Debitura kan gå videre,
      er der brug for din underskrift, for eksempel på inkassoaftalen eller en fuldmagt.

      Den næste side ligger hos Debitura. Den viser dokumenterne ét ad gangen, og du kan læse hvert
      dokument, før du underskriver.

      Læs og underskriv]],
    kyc = [[
      Der er brug for en identitetskontrol i jeres sager

      I har bedt {platform} om at sende ubetalte fakturaer til Debitura. Før fakturaerne kan
      inddrives, skal inkassopartneren kontrollere identiteten på et medlem af ledelsen i jeres
      virksomhed.

      Den næste side ligger hos Debitura. Det tager nogle få minutter at udfylde formularen.

      Åbn formularen]],
  },
  pages = {
    link = [[
      Opret forbindelse til Debitura

      {platform} samarbejder med Debitura om at inddrive ubetalte fakturaer. På den næste side beder
      Debitura dig om at bekræfte forbindelsen eller færdiggøre oprettelsen af jeres konto. Der sker
      ikke noget, før du har taget stilling dér.

      Fortsæt til Debitura]],
    signing = [[
      Dokumenter til underskrift

      Debitura har brug for din underskrift, før jeres sager kan fortsætte. Den næste side viser
      dokumenterne ét ad gangen. Derefter vender du tilbage til {platform}.

      Fortsæt til dokumenterne]],
    kyc = [[
      Identitetskontrol

      Inkassopartneren skal vide, hvem der leder jeres virksomhed, før jeres sager kan fortsætte.
      Det tager nogle få minutter at udfylde formularen på den næste side.

      Fortsæt til formularen]],
    done = [[
      Alt er på plads

      Du behøver ikke at gøre mere her. {platform} holder jer orienteret.]],
    later = [[
      Vent venligst et øjeblik

      Siden er ved at blive gjort klar. Prøv igen om et minut.

      Prøv igen]],
    gone = [[
      Dette link er ikke længere i brug

      Linket er måske ufuldstændigt, eller også er det blevet erstattet af et nyere. Brug den
      seneste besked, du har modtaget, eller kontakt {platform}.]],
  },
}
