--- Letters and pages in Swedish. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.sv

return {
  date = "{day} {month} {year} kl. {time} ({zone})",
  months = {
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september",
    "oktober", "november", "december",
  },
  greeting = "Hej!",
  greeting_by_name = "Hej {name}!",
  reminder_subject = "Påminnelse: {subject}",
  reminder = "Vi har skrivit till dig om detta tidigare. Sidan är fortfarande öppen för dig.",
  deadline = [[
    Du kan använda länken fram till den {deadline}. Därefter kan {platform} skicka en ny till
    dig.]],
  unexpected = [[
    Ingenting händer om du inte själv gör något. Om du inte väntade dig det här meddelandet kan du
    bortse från det.]],
  personal = "Länken är bara avsedd för dig. Vi ber dig att inte skicka den vidare.",
  support = "Har du frågor? Skriv till {support}.",
  copy_address = "Om knappen inte fungerar kan du kopiera den här adressen till webbläsaren:",
  sign_off = "Med vänlig hälsning",
  letters = {
    approval = [[
      {platform} ber om anslutning till ert Debitura-konto

      {platform} kan skicka era obetalda kundfakturor till Debitura, som är ett inkassonätverk. Ert
      företag har redan ett konto hos Debitura, så vi behöver ert godkännande för att ansluta det
      till {platform}.

      Nästa sida finns hos Debitura. Den visar vad {platform} ber om. Där kan du godkänna eller
      avböja.

      Visa begäran]],
    choice = [[
      {platform} ber om anslutning till ert Debitura-konto

      {platform} kan skicka era obetalda kundfakturor till Debitura, som är ett inkassonätverk. Du
      har redan en inloggning hos Debitura, så vi behöver veta vilket företag som ska anslutas.

      Nästa sida finns hos Debitura. Där väljer du företaget eller lägger till ett nytt.

      Välj företag]],
    onboarding = [[
      Slutför er registrering i inkassotjänsten

      {platform} samarbetar med Debitura, ett inkassonätverk som kan driva in era obetalda
      kundfakturor.

      Nästa sida finns hos Debitura. Där kontrollerar du uppgifterna om ert företag och skriver
      under inkassoavtalet.

      Slutför registreringen]],
    signing = [[
      Din underskrift behövs i era ärenden

      Ni har bett {platform} att skicka obetalda fakturor till Debitura. Innan Debitura kan gå
      vidare behövs din underskrift, till exempel på inkassoavtalet eller en fullmakt.

      Nästa sida finns hos Debitura. Den visar dokumenten ett i taget, och du kan läsa varje
      dokument innan du skriver under.

      Läs och skriv under]],
    kyc = [[
      Det behövs en identitetskontroll i era ärenden

      Ni har bett {platform} att skicka obetalda fakturor till Debitura. Innan fakturorna kan drivas
      in måste inkassopartnern kontrollera identiteten på en person i ledningen för ert företag.

      Nästa sida finns hos Debitura. Formuläret tar några minuter att fylla i.

      Öppna formuläret]],
  },
  pages = {
    link = [[
      Anslut till Debitura

      {platform} samarbetar med Debitura för att driva in obetalda fakturor. På nästa sida ber
      Debitura dig att bekräfta anslutningen eller slutföra registreringen av ert konto. Ingenting
      händer förrän du har gjort ditt val där.

      Fortsätt till Debitura]],
    signing = [[
      Dokument att skriva under

      Debitura behöver din underskrift innan era ärenden kan gå vidare. Nästa sida visar dokumenten
      ett i taget. Därefter kommer du tillbaka till {platform}.

      Fortsätt till dokumenten]],
    kyc = [[
      Identitetskontroll

      Inkassopartnern måste veta vem som leder ert företag innan era ärenden kan gå vidare.
      Formuläret på nästa sida tar några minuter att fylla i.

      Fortsätt till formuläret]],
    done = [[
      Allt är klart

      Du behöver inte göra något mer här. {platform} håller er informerade.]],
    later = [[
      Vänta ett ögonblick

      Sidan förbereds. Försök igen om en minut.

      Försök igen]],
    gone = [[
      Den här länken används inte längre

      Den kan vara ofullständig eller ha ersatts av en nyare länk. Använd det senaste meddelandet du
      har fått eller kontakta {platform}.]],
  },
}
