--- Letters and pages in Italian. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.it

return {
  date = "{day} {month} {year}, ore {time} ({zone})",
  months = {
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre",
    "ottobre", "novembre", "dicembre",
  },
  greeting = "Buongiorno,",
  greeting_by_name = "Buongiorno {name},",
  reminder_subject = "Promemoria: {subject}",
  reminder = "Le abbiamo già scritto a questo proposito. La pagina è ancora a Sua disposizione.",
  deadline = [[
    Il link è valido fino alla data seguente: {deadline}. In seguito {platform} potrà inviarne uno
    nuovo.]],
  unexpected = [[
    Senza un Suo intervento non succede nulla. Se non si aspettava questo messaggio, può
    ignorarlo.]],
  personal = "Il link è destinato esclusivamente a Lei. La preghiamo di non inoltrarlo.",
  support = "Ha domande? Può scrivere all’indirizzo {support}.",
  copy_address = "Se il pulsante non funziona, copi questo indirizzo nel browser:",
  sign_off = "Cordiali saluti,",
  letters = {
    approval = [[
      {platform} chiede di collegarsi al Suo account Debitura

      {platform} può inviare a Debitura, una rete per il recupero crediti, le fatture non pagate dai
      Suoi clienti. La Sua azienda ha già un account Debitura: per collegarlo con {platform} ci
      serve la Sua autorizzazione.

      La pagina successiva è gestita da Debitura e mostra che cosa chiede {platform}. Lì può
      accettare o rifiutare la richiesta.

      Visualizza la richiesta]],
    choice = [[
      {platform} chiede di collegarsi al Suo account Debitura

      {platform} può inviare a Debitura, una rete per il recupero crediti, le fatture non pagate dai
      Suoi clienti. Lei ha già un accesso a Debitura, perciò dobbiamo sapere quale azienda
      collegare.

      La pagina successiva è gestita da Debitura. Lì può selezionare l’azienda o aggiungerne una
      nuova.

      Seleziona l’azienda]],
    onboarding = [[
      Completi la registrazione al servizio di recupero crediti

      {platform} collabora con Debitura, una rete per il recupero crediti che può occuparsi
      dell’incasso delle fatture non pagate dai Suoi clienti.

      La pagina successiva è gestita da Debitura. Lì può controllare i dati della Sua azienda e
      firmare il contratto di recupero crediti.

      Completa la registrazione]],
    signing = [[
      Serve la Sua firma per le Sue pratiche di recupero crediti

      Ha chiesto a {platform} di inviare a Debitura alcune fatture non pagate. Per poter proseguire,
      Debitura ha bisogno della Sua firma, ad esempio sul contratto di recupero crediti o su una
      procura.

      La pagina successiva è gestita da Debitura e mostra i documenti uno dopo l’altro. Può leggere
      ogni documento prima di firmarlo.

      Leggi e firma]],
    kyc = [[
      Verifica dell’identità necessaria per le Sue pratiche

      Ha chiesto a {platform} di inviare a Debitura alcune fatture non pagate. Prima di avviare il
      recupero, il partner incaricato deve verificare l’identità di un amministratore della Sua
      azienda.

      La pagina successiva è gestita da Debitura. La compilazione del modulo richiede pochi minuti.

      Apri il modulo]],
  },
  pages = {
    link = [[
      Collegamento con Debitura

      {platform} collabora con Debitura per il recupero delle fatture non pagate. Nella pagina
      successiva Debitura Le chiederà di confermare il collegamento o di completare il Suo account.
      Non succede nulla finché non prende una decisione in quella pagina.

      Continua su Debitura]],
    signing = [[
      Documenti da firmare

      Debitura ha bisogno della Sua firma per poter proseguire con le Sue pratiche. La pagina
      successiva mostra i documenti uno dopo l’altro. Al termine tornerà su {platform}.

      Vai ai documenti]],
    kyc = [[
      Verifica dell’identità

      Per poter proseguire con le Sue pratiche, il partner incaricato del recupero deve sapere chi
      dirige la Sua azienda. La compilazione del modulo nella pagina successiva richiede pochi
      minuti.

      Vai al modulo]],
    done = [[
      Operazione completata

      Qui non deve fare altro. {platform} La terrà al corrente.]],
    later = [[
      Un momento, per favore

      La pagina è in preparazione. Riprovi tra un minuto.

      Riprova]],
    gone = [[
      Questo link non è più in uso

      Potrebbe essere incompleto o essere stato sostituito da un link più recente. La preghiamo di
      utilizzare l’ultimo messaggio ricevuto o di contattare {platform}.]],
  },
}
