--- Letters and pages in Dutch. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.nl

return {
  date = "{day} {month} {year}, {time} uur ({zone})",
  months = {
    "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
    "oktober", "november", "december",
  },
  greeting = "Goedendag,",
  greeting_by_name = "Beste {name},",
  reminder_subject = "Herinnering: {subject}",
  reminder = "We hebben u hier eerder over geschreven. De pagina staat nog steeds voor u klaar.",
  deadline = [[
    U kunt de link gebruiken tot {deadline}. Daarna kan {platform} u een nieuwe link sturen.]],
  unexpected = [[
    Er gebeurt niets zolang u zelf niets doet. Had u dit bericht niet verwacht? Dan kunt u het
    negeren.]],
  personal = "De link is alleen voor u bedoeld. Stuur deze alstublieft niet door.",
  support = "Hebt u vragen? Stuur een bericht naar {support}.",
  copy_address = "Werkt de knop niet? Kopieer dan dit adres naar uw browser:",
  sign_off = "Met vriendelijke groet,",
  letters = {
    approval = [[
      {platform} vraagt om een koppeling met uw Debitura-account

      {platform} kan onbetaalde facturen van uw klanten doorsturen naar Debitura, een
      incassonetwerk. Uw bedrijf heeft al een Debitura-account. Daarom hebben we uw toestemming
      nodig om dat account aan {platform} te koppelen.

      De volgende pagina is van Debitura. Daar ziet u waar {platform} om vraagt en kunt u het
      verzoek goedkeuren of afwijzen.

      Verzoek bekijken]],
    choice = [[
      {platform} vraagt om een koppeling met uw Debitura-account

      {platform} kan onbetaalde facturen van uw klanten doorsturen naar Debitura, een
      incassonetwerk. U hebt al toegang tot Debitura. Daarom willen we graag weten welk bedrijf u
      wilt koppelen.

      De volgende pagina is van Debitura. Daar kiest u het bedrijf of voegt u een nieuw bedrijf toe.

      Bedrijf kiezen]],
    onboarding = [[
      Rond uw registratie voor incassodiensten af

      {platform} werkt samen met Debitura, een incassonetwerk dat onbetaalde facturen van uw klanten
      kan innen.

      De volgende pagina is van Debitura. Daar controleert u de gegevens van uw bedrijf en
      ondertekent u de incasso-overeenkomst.

      Registratie afronden]],
    signing = [[
      Uw handtekening is nodig voor uw incassodossiers

      U hebt {platform} gevraagd om onbetaalde facturen van uw klanten door te sturen naar Debitura.
      Om verder te kunnen gaan, heeft Debitura uw handtekening nodig, bijvoorbeeld onder de
      incasso-overeenkomst of een volmacht.

      De volgende pagina is van Debitura. Daar ziet u de documenten een voor een. U kunt elk
      document lezen voordat u het ondertekent.

      Lezen en ondertekenen]],
    kyc = [[
      Identiteitscontrole nodig voor uw incassodossiers

      U hebt {platform} gevraagd om onbetaalde facturen van uw klanten door te sturen naar Debitura.
      Voordat de facturen kunnen worden geïnd, moet de incassopartner de identiteit van een
      bestuurder van uw bedrijf controleren.

      De volgende pagina is van Debitura. Het invullen van het formulier duurt een paar minuten.

      Formulier openen]],
  },
  pages = {
    link = [[
      Koppeling met Debitura

      {platform} werkt samen met Debitura om onbetaalde facturen van uw klanten te innen. Op de
      volgende pagina vraagt Debitura u om de koppeling te bevestigen of uw account aan te vullen.
      Er gebeurt niets voordat u daar een keuze hebt gemaakt.

      Verder naar Debitura]],
    signing = [[
      Documenten om te ondertekenen

      Debitura heeft uw handtekening nodig voordat uw dossiers verder kunnen worden behandeld. Op de
      volgende pagina ziet u de documenten een voor een. Daarna keert u terug naar {platform}.

      Verder naar de documenten]],
    kyc = [[
      Identiteitscontrole

      De incassopartner moet weten wie uw bedrijf bestuurt voordat uw dossiers verder kunnen worden
      behandeld. Het invullen van het formulier op de volgende pagina duurt een paar minuten.

      Verder naar het formulier]],
    done = [[
      Alles is afgerond

      U hoeft hier niets meer te doen. {platform} houdt u op de hoogte.]],
    later = [[
      Een ogenblik geduld, alstublieft

      De pagina wordt voorbereid. Probeer het over een minuut opnieuw.

      Opnieuw proberen]],
    gone = [[
      Deze link is niet meer in gebruik

      Misschien is de link onvolledig of vervangen door een nieuwere. Gebruik het laatste bericht
      dat u hebt ontvangen of neem contact op met {platform}.]],
  },
}
