--- Letters and pages in French. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.fr

return {
  date = "{day} {month} {year} à {time} ({zone})",
  months = {
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
    "novembre", "décembre",
  },
  greeting = "Bonjour,",
  greeting_by_name = "Bonjour {name},",
  reminder_subject = "Rappel : {subject}",
  reminder = "Nous vous avons déjà écrit à ce sujet. La page vous est toujours accessible.",
  deadline = [[
    Vous pouvez utiliser ce lien jusqu’au {deadline}. Ensuite, {platform} pourra vous en envoyer un
    nouveau.]],
  unexpected = [[
    Rien ne se passe sans action de votre part. Si vous n’attendiez pas ce message, vous pouvez
    l’ignorer.]],
  personal = "Ce lien vous est réservé. Merci de ne pas le transférer.",
  support = "Une question ? Écrivez à {support}.",
  copy_address = "Si le bouton ne fonctionne pas, copiez cette adresse dans votre navigateur :",
  sign_off = "Bien cordialement,",
  letters = {
    approval = [[
      {platform} souhaite relier son service à votre compte Debitura

      {platform} peut transmettre les factures impayées de vos clients à Debitura, un réseau de
      recouvrement de créances. Votre entreprise possède déjà un compte Debitura. Nous avons donc
      besoin de votre accord pour le relier à {platform}.

      La page suivante est celle de Debitura. Elle précise ce que demande {platform}. Vous pourrez y
      donner votre accord ou refuser.

      Voir la demande]],
    choice = [[
      {platform} souhaite relier son service à votre compte Debitura

      {platform} peut transmettre les factures impayées de vos clients à Debitura, un réseau de
      recouvrement de créances. Vous disposez déjà d’un accès à Debitura. Nous devons donc savoir
      quelle entreprise relier à {platform}.

      La page suivante est celle de Debitura. Vous pourrez y choisir l’entreprise ou en ajouter une
      nouvelle.

      Choisir l’entreprise]],
    onboarding = [[
      Finalisez votre inscription au service de recouvrement

      {platform} travaille avec Debitura, un réseau de recouvrement de créances qui peut se charger
      des factures impayées de vos clients.

      La page suivante est celle de Debitura. Vous pourrez y vérifier les informations de votre
      entreprise et signer le contrat de recouvrement.

      Finaliser l’inscription]],
    signing = [[
      Votre signature est nécessaire pour vos dossiers de recouvrement

      Vous avez demandé à {platform} de transmettre des factures impayées de vos clients à Debitura.
      Pour poursuivre, Debitura a besoin de votre signature, par exemple sur le contrat de
      recouvrement ou sur une procuration.

      La page suivante est celle de Debitura. Elle présente les documents l’un après l’autre. Vous
      pouvez lire chaque document avant de le signer.

      Lire et signer]],
    kyc = [[
      Vérification d’identité nécessaire pour vos dossiers de recouvrement

      Vous avez demandé à {platform} de transmettre des factures impayées de vos clients à Debitura.
      Avant tout recouvrement, le partenaire qui en est chargé doit vérifier l’identité d’un
      dirigeant de votre entreprise.

      La page suivante est celle de Debitura. Le formulaire se remplit en quelques minutes.

      Ouvrir le formulaire]],
  },
  pages = {
    link = [[
      Relier votre entreprise à Debitura

      {platform} travaille avec Debitura pour le recouvrement des factures impayées de vos clients.
      Sur la page suivante, Debitura vous demande de confirmer la liaison ou de compléter votre
      compte. Rien ne se passera tant que vous n’aurez pas fait votre choix sur cette page.

      Continuer vers Debitura]],
    signing = [[
      Documents à signer

      Debitura a besoin de votre signature pour que vos dossiers puissent avancer. La page suivante
      présente les documents l’un après l’autre. Vous reviendrez ensuite sur {platform}.

      Continuer vers les documents]],
    kyc = [[
      Vérification d’identité

      Le partenaire chargé du recouvrement doit savoir qui dirige votre entreprise pour que vos
      dossiers puissent avancer. Le formulaire de la page suivante se remplit en quelques minutes.

      Continuer vers le formulaire]],
    done = [[
      C’est terminé

      Vous n’avez plus rien à faire ici. {platform} vous tiendra au courant.]],
    later = [[
      Un instant, s’il vous plaît

      La page est en cours de préparation. Veuillez réessayer dans une minute.

      Réessayer]],
    gone = [[
      Ce lien n’est plus valable

      Il est peut-être incomplet, ou un lien plus récent l’a remplacé. Veuillez utiliser le dernier
      message que vous avez reçu ou contacter {platform}.]],
  },
}
