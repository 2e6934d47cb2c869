--- Letters and pages in Portuguese. debitura.channels.letters says what each text is for.
-- @module debitura.channels.letters.pt

return {
  date = "{day} de {month} de {year}, {time} ({zone})",
  months = {
    "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro",
    "outubro", "novembro", "dezembro",
  },
  greeting = "Olá,",
  greeting_by_name = "Olá, {name},",
  reminder_subject = "Lembrete: {subject}",
  reminder = "Já lhe escrevemos sobre este assunto. A página continua disponível para si.",
  deadline = [[
    Pode utilizar o link até {deadline}. Depois disso, a plataforma {platform} pode enviar-lhe um
    novo.]],
  unexpected = [[
    Nada acontece sem a sua intervenção. Se não esperava esta mensagem, pode ignorá-la.]],
  personal = "O link destina-se apenas a si. Pedimos-lhe que não o reencaminhe.",
  support = "Tem dúvidas? Escreva para {support}.",
  copy_address = "Se o botão não funcionar, copie este endereço para o seu navegador:",
  sign_off = "Com os melhores cumprimentos,",
  letters = {
    approval = [[
      Pedido de ligação da plataforma {platform} à sua conta Debitura

      A plataforma {platform} pode enviar à Debitura, uma rede de cobrança de dívidas, as faturas
      emitidas pela sua empresa que ainda não foram pagas. A sua empresa já tem uma conta Debitura,
      pelo que precisamos da sua autorização para ligar essa conta à plataforma {platform}.

      A página seguinte pertence à Debitura e mostra o que a plataforma {platform} pede. Aí pode
      aprovar ou recusar o pedido.

      Ver o pedido]],
    choice = [[
      Pedido de ligação da plataforma {platform} à sua conta Debitura

      A plataforma {platform} pode enviar à Debitura, uma rede de cobrança de dívidas, as faturas
      emitidas pela sua empresa que ainda não foram pagas. Já dispõe de dados de acesso à Debitura,
      pelo que precisamos de saber que empresa pretende ligar.

      A página seguinte pertence à Debitura. Aí pode escolher a empresa ou adicionar uma nova.

      Escolher a empresa]],
    onboarding = [[
      Conclua o seu registo no serviço de cobrança de dívidas

      A plataforma {platform} trabalha com a Debitura, uma rede de cobrança de dívidas que pode
      tratar da cobrança das faturas emitidas pela sua empresa que ainda não foram pagas.

      A página seguinte pertence à Debitura. Aí pode verificar os dados da sua empresa e assinar o
      contrato de cobrança de dívidas.

      Concluir o registo]],
    signing = [[
      A sua assinatura é necessária nos seus processos de cobrança

      Pediu à plataforma {platform} que enviasse à Debitura faturas não pagas. Para poder continuar,
      a Debitura precisa da sua assinatura, por exemplo no contrato de cobrança de dívidas ou numa
      procuração.

      A página seguinte pertence à Debitura e mostra os documentos um a um. Pode ler cada documento
      antes de o assinar.

      Ler e assinar]],
    kyc = [[
      Verificação de identidade necessária para os processos de cobrança

      Pediu à plataforma {platform} que enviasse à Debitura faturas não pagas. Antes de iniciar a
      cobrança, o parceiro de cobrança tem de verificar a identidade de um gerente ou administrador
      da sua empresa.

      A página seguinte pertence à Debitura. O formulário demora poucos minutos a preencher.

      Abrir o formulário]],
  },
  pages = {
    link = [[
      Ligação à Debitura

      A plataforma {platform} trabalha com a Debitura na cobrança de faturas não pagas. Na página
      seguinte, a Debitura pede-lhe que confirme a ligação ou que complete a sua conta. Nada
      acontece enquanto não decidir nessa página.

      Continuar para a Debitura]],
    signing = [[
      Documentos para assinar

      A Debitura precisa da sua assinatura para que os seus processos de cobrança possam avançar. A
      página seguinte mostra os documentos um a um. No fim, regressa à plataforma {platform}.

      Continuar para os documentos]],
    kyc = [[
      Verificação de identidade

      O parceiro de cobrança tem de saber quem dirige a sua empresa antes de os seus processos
      poderem avançar. O formulário da página seguinte demora poucos minutos a preencher.

      Continuar para o formulário]],
    done = [[
      Está tudo concluído

      Não tem mais nada a fazer aqui. A plataforma {platform} irá manter a sua empresa informada.]],
    later = [[
      Um momento, por favor

      A página está a ser preparada. Tente novamente dentro de um minuto.

      Tentar novamente]],
    gone = [[
      Este link já não está em uso

      Pode estar incompleto ou ter sido substituído por um link mais recente. Utilize a última
      mensagem que recebeu ou contacte a plataforma {platform}.]],
  },
}
