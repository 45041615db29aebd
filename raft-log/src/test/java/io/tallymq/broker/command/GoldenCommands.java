package io.tallymq.broker.command;

import java.util.List;

/** Bytes of commands of batch format 1 with node n1, and what they say. Append only: a line is never changed. */
final class GoldenCommands {
    static final List<String> LINES = List.of(
            // NODE_UP
            "0100f9d0ccf4a2bbcd1f00 | NodeUp[node=n1, epoch=17792134733310073]",
            "0100fdecd22000 | NodeUp[node=n1, epoch=68466301]",
            // NODE_LOST
            "0200f9d0ccf4a2bbcd1f0700 | NodeLost[node=n1, epoch=17792134733310073, term=7]",
            "0200fdecd220fdecd22000 | NodeLost[node=n1, epoch=68466301, term=68466301]",
            // RAISE
            "07020700 | Raise[level=2, term=7]",
            // OPEN_CONNECTION
            "0300ceb8abd01c06e697a5e69cac06e697a5e69cac04f09f9880012fdbed02012fe4d7020000cecf"
                    + "a3021e940000ed340b6f72646572732e65752e2300000122a91fe5330103782d3141025301616c00"
                    + "0000000000000100 | OpenConnection[connection=ConnectionId[node=n1, number=76846766"
                    + "86], info=ConnectionInfo[name=\u65e5\u672c, vhost=\u65e5\u672c, user=\ud83d\ude00, peer=Endpoint[host=/, port=4"
                    + "6811], local=Endpoint[host=/, port=44004], negotiated=Negotiated[channelMax=5294"
                    + "3, frameMax=-1560142188, heartbeat=60724, mechanism=orders.eu.#, connectedAt=124"
                    + "8377955635], clientProperties=Arguments[values={x-1=[a, 1]}]]]",
            "0300b9ffdcda82bb0200012f06e697a5e69cac00a1df030b6f72646572732e65752e23dfa7020000"
                    + "b78d281bba350000c4b506e697a5e69cac00000000000082150000 | OpenConnection[connection"
                    + "=ConnectionId[node=n1, number=10824044724153], info=ConnectionInfo[name=, vhost="
                    + "/, user=\u65e5\u672c, peer=Endpoint[host=, port=61345], local=Endpoint[host=orders.eu.#, p"
                    + "ort=37855], negotiated=Negotiated[channelMax=46989, frameMax=672905781, heartbea"
                    + "t=50357, mechanism=\u65e5\u672c, connectedAt=33301], clientProperties=Arguments[values={}]"
                    + "]]",
            // CLOSE_CONNECTION
            "0400f9d0ccf4a2bbcd1f0000 | CloseConnection[connection=ConnectionId[node=n1, number=1"
                    + "7792134733310073], sent=[]]",
            "0400fdecd2200000 | CloseConnection[connection=ConnectionId[node=n1, number=68466301]" + ", sent=[]]",
            // CLOSE_CHANNEL
            "0500f9d0ccf4a2bbcd1fc8e4030000 | CloseChannel[connection=ConnectionId[node=n1, numbe"
                    + "r=17792134733310073], channel=62024, sent=[]]",
            "0500fdecd220b6aa010000 | CloseChannel[connection=ConnectionId[node=n1, number=684663"
                    + "01], channel=21814, sent=[]]",
            // ON_CHANNEL
            "0600fdecd220b6aa010b012f01650000 | OnChannel[connection=ConnectionId[node=n1, number=68466301],"
                    + " channel=21814, command=DeleteExchange[vhost=/, name=e, ifUnused=false]]",
            // DECLARE_EXCHANGE
            "0a06e697a5e69cac012f074772c3bcc39f650a0000 | DeclareExchange[vhost=\u65e5\u672c, name=/, spe"
                    + "c=ExchangeSpec[type=Gr\u00fc\u00dfe, durable=false, autoDelete=true, internal=false, argum"
                    + "ents=Arguments[values={}]], passive=true]",
            "0a06e697a5e69cac012f0a616d712e646972656374080303782d31643fed2ee8565acfe703782d32"
                    + "740103782d33643fe9b92ee899bda100 | DeclareExchange[vhost=\u65e5\u672c, name=/, spec=Exchange"
                    + "Spec[type=amq.direct, durable=false, autoDelete=false, internal=false, arguments"
                    + "=Arguments[values={x-1=0.9119760214439311, x-2=true, x-3=0.8038553755740631}]], "
                    + "passive=true]",
            // DELETE_EXCHANGE
            "0b06e697a5e69cac012f0100 | DeleteExchange[vhost=\u65e5\u672c, name=/, ifUnused=true]",
            "0b06e697a5e69cac012f0000 | DeleteExchange[vhost=\u65e5\u672c, name=/, ifUnused=false]",
            // BIND_EXCHANGE
            "0c06e697a5e69cac012f074772c3bcc39f650b6f72646572732e65752e230303782d314102530161"
                    + "6c000000000000000103782d325603782d33560000 | BindExchange[vhost=\u65e5\u672c, binding=Bindin"
                    + "gKey[source=/, destination=Gr\u00fc\u00dfe, routingKey=orders.eu.#, arguments=Arguments[va"
                    + "lues={x-1=[a, 1], x-2=null, x-3=null}]], add=false]",
            "0c06e697a5e69cac0b6f72646572732e65752e23074772c3bcc39f65012f000100 | BindExchange["
                    + "vhost=\u65e5\u672c, binding=BindingKey[source=orders.eu.#, destination=Gr\u00fc\u00dfe, routingKey=/"
                    + ", arguments=Arguments[values={}]], add=true]",
            // DECLARE_QUEUE
            "1400fdecd2200a616d712e646972656374012f070000 | DeclareQueue[connection=ConnectionI"
                    + "d[node=n1, number=68466301], vhost=amq.direct, name=/, spec=QueueSpec[durable=tr"
                    + "ue, exclusive=true, autoDelete=true, arguments=Arguments[values={}]], passive=fa"
                    + "lse, serverNamed=false]",
            "1400f2c989f7d7770006e697a5e69cac080303782d31740003782d3241025301616c000000000000"
                    + "000103782d336c6915957f7468859000 | DeclareQueue[connection=ConnectionId[node=n1, n"
                    + "umber=4112412468466], vhost=, name=\u65e5\u672c, spec=QueueSpec[durable=false, exclusive=f"
                    + "alse, autoDelete=false, arguments=Arguments[values={x-1=false, x-2=[a, 1], x-3=7"
                    + "572122723139749264}]], passive=true, serverNamed=false]",
            // DELETE_QUEUE
            "1500fdecd2200a616d712e646972656374012f0300 | DeleteQueue[connection=ConnectionId[n"
                    + "ode=n1, number=68466301], vhost=amq.direct, name=/, ifUnused=true, ifEmpty=true]",
            "1500f2c989f7d7770006e697a5e69cac0000 | DeleteQueue[connection=ConnectionId[node=n1"
                    + ", number=4112412468466], vhost=, name=\u65e5\u672c, ifUnused=false, ifEmpty=false]",
            // PURGE_QUEUE
            "1600fdecd2200a616d712e646972656374012f00 | PurgeQueue[connection=ConnectionId[node"
                    + "=n1, number=68466301], vhost=amq.direct, name=/]",
            "1600f2c989f7d7770006e697a5e69cac00 | PurgeQueue[connection=ConnectionId[node=n1, n"
                    + "umber=4112412468466], vhost=, name=\u65e5\u672c]",
            // BIND_QUEUE
            "1700f2c989f7d7770006e697a5e69cac012f0b6f72646572732e65752e230103782d314602016b53"
                    + "0a616d712e646972656374016e6c6915957f746885900100 | BindQueue[connection=Connection"
                    + "Id[node=n1, number=4112412468466], vhost=, binding=BindingKey[source=\u65e5\u672c, destina"
                    + "tion=/, routingKey=orders.eu.#, arguments=Arguments[values={x-1={k=amq.direct, n"
                    + "=7572122723139749264}}]], add=true]",
            "1700ceb8abd01c06e697a5e69cac06e697a5e69cac04f09f9880012f0203782d3141025301616c00"
                    + "0000000000000103782d325306e697a5e69cac0100 | BindQueue[connection=ConnectionId[nod"
                    + "e=n1, number=7684676686], vhost=\u65e5\u672c, binding=BindingKey[source=\u65e5\u672c, destination=\ud83d\ude00,"
                    + " routingKey=/, arguments=Arguments[values={x-1=[a, 1], x-2=\u65e5\u672c}]], add=true]",
            // SUBSCRIBE
            "1e00f9d0ccf4a2bbcd1fc8e403000004f09f988000721bcdb70b22fcce0203782d31643fe50ed078"
                    + "11a03503782d32740100 | Subscribe[connection=ConnectionId[node=n1, number=177921347"
                    + "33310073], channel=62024, vhost=, queue=, spec=ConsumerSpec[tag=\ud83d\ude00, noAck=false, "
                    + "exclusive=false, prefetch=1914424759, window=186842318, arguments=Arguments[valu"
                    + "es={x-1=0.6580583901495688, x-2=true}]]]",
            "1e00f2c989f7d777980606e697a5e69cac012f0b6f72646572732e65752e2302429823876915957f"
                    + "0103782d3141025301616c000000000000000100 | Subscribe[connection=ConnectionId[node="
                    + "n1, number=4112412468466], channel=792, vhost=\u65e5\u672c, queue=/, spec=ConsumerSpec[tag"
                    + "=orders.eu.#, noAck=false, exclusive=true, prefetch=1117266823, window=176302220"
                    + "7, arguments=Arguments[values={x-1=[a, 1]}]]]",
            // CANCEL
            "1fa2bbcd9fafdbbaae0b00 | Cancel[consumer=818787458391170466]",
            "1fece45100 | Cancel[consumer=1340012]",
            // CREDIT
            "20a2bbcd9fafdbbaae0b75d57088 | Credit[consumer=818787458391170466, messages=1976" + "922248]",
            "20ece451549a59bd | Credit[consumer=1340012, messages=1419401661]",
            // GET
            "2100f9d0ccf4a2bbcd1fc8e40300000000 | Get[connection=ConnectionId[node=n1, number=177"
                    + "92134733310073], channel=62024, vhost=, queue=, noAck=false]",
            "2100f2c989f7d777980606e697a5e69cac012f0100 | Get[connection=ConnectionId[node=n1, nu"
                    + "mber=4112412468466], channel=792, vhost=\u65e5\u672c, queue=/, noAck=true]",
            // SETTLE
            "22a2bbcd9fafdbbaae0b010cdd02010004dcedbcc31c02e29fd79c2301ddd389af3e020004000300"
                    + "0497b9bef02602c5a0fca53d020004f9ef82990601 | Settle 818787458391170466 NACK_REQU"
                    + "EUE [349, 350, 351, 355, 7657699392, 7657699394, 17113090085, 17113090086, 33854"
                    + "812676, 33854812678, 33854812679, 33854812683, 33854812684, 33854812687, 3385481"
                    + "2688, 33854812692, 44291264172, 44291264174, 60745457396, 60745457398, 607454573"
                    + "99, 60745457403, 62408546037, 62408546038]",
            "22ece451010486050100029a9783cf19010001 | Settle 1340012 NACK_REQUEUE [646, 647, "
                    + "648, 650, 6876614181, 6876614182, 6876614183, 6876614184]",
            // RECOVER
            "2300f9d0ccf4a2bbcd1fc8e40300 | Recover[connection=ConnectionId[node=n1, number=177"
                    + "92134733310073], channel=62024]",
            "2300fdecd220b6aa0100 | Recover[connection=ConnectionId[node=n1, number=68466301], " + "channel=21814]",
            // QOS
            "2400f9d0ccf4a2bbcd1fc8e4030000001000 | Qos[connection=ConnectionId[node=n1, number=17792134733310073],"
                    + " channel=62024, limit=16]",
            // TAKE_BACK
            "25050186050100 | TakeBack 5 [646, 647]",
            // CONSUME_REPLIES
            "2600fdecd220b6aa010468656c6c00 | ConsumeReplies[connection=ConnectionId[node=n1, number=68466301],"
                    + " channel=21814, token=hell]",
            // STORE_OFFSET
            "2705ac0200 | StoreOffset[consumer=5, offset=300]",
            // PUBLISH
            "280000002d0000c04d0000002900000001000005a05b857c64cefc220b48f3ce996f652d69f973e58c"
                    + "36a67283dd8376a8a406340277 | Publish [Route[vhost=v, exchange=e, routingKey=k], "
                    + "Route[vhost=v, exchange=e, routingKey=k2]] 49229 0000002900000001000005a05b857c64c"
                    + "efc220b48f3ce996f652d69f973e58c36a67283dd8376a8a406340277",
            "280000001d0000d6170000001900000000000007c44ac7477672637f951569908568748d56d3 | Pub"
                    + "lish [Route[vhost=v, exchange=e, routingKey=k], Route[vhost=v, exchange=e, routi"
                    + "ngKey=k2]] 54807 0000001900000000000007c44ac7477672637f951569908568748d56d3",
            // BODY_PART
            "2900f9d0ccf4a2bbcd1f81d08791c90700000006d4a05b857c6400 | BodyPart ConnectionId[nod"
                    + "e=n1, number=17792134733310073] 260149733377 d4a05b857c64",
            "2900fdecd2202a000000069b6877c9cd2300 | BodyPart ConnectionId[node=n1, number=68466"
                    + "301] 42 9b6877c9cd23",
            // DROP_UPLOAD
            "2a00f9d0ccf4a2bbcd1f81d08791c90700 | DropUpload[connection=ConnectionId[node=n1, n"
                    + "umber=17792134733310073], upload=260149733377]",
            "2a00fdecd2202a00 | DropUpload[connection=ConnectionId[node=n1, number=68466301], u" + "pload=42]",
            // COMMIT_TX
            "2b002a07010500018605" + "01"
                    + "280000001d0000d6170000001900000000000007c44ac7477672637f951569908568748d56d3 | Com"
                    + "mitTx ConnectionId[node=n1, number=42] 7 [Settle 5 ACK [646, 647]] Publish [Route"
                    + "[vhost=v, exchange=e, routingKey=k], Route[vhost=v, exchange=e, routingKey=k2]] 5"
                    + "4807 0000001900000000000007c44ac7477672637f951569908568748d56d3",
            // CALL_OFF
            "2c0176036a6f6205ac0200 | CallOff[vhost=v, id=job, due=5, number=300]",
            // SETTLE_WITH
            "2d05028605e80700 | SettleWith[holder=5, outcome=REJECT_REQUEUE, seq=646, delay=1000]",
            "2d0503860500010e08782d726561736f6e530000000000 | SettleWith[holder=5, outcome=DISCARD, seq=646, delay=0,"
                    + " headers=08782d726561736f6e5300000000]",
            "2d0501860500" + "0206017401720163" + "00 | SettleWith[holder=5, outcome=NACK_REQUEUE, seq=646, delay=0,"
                    + " defer=Defer[token=t, replyTo=r, correlationId=c]]",
            // TAKE_MATCHING
            "2e050186050100 | TakeMatching 5 [646, 647]",
            // FORCE_CLOSE
            "2f00fdecd2200468656c6c00 | ForceClose[connection=ConnectionId[node=n1, number=68466301], reason=hell]",
            // REDRIVE
            "330501710161016601720186050100 | Redrive 5 [646, 647] to q by a from f for r",
            // VOID_PUBLISH
            "3401760170ac020161016600 | VoidPublish[vhost=v, producer=p, seq=300, by=a, from=f]",
            // FENCE_PRODUCER
            "35017601700161016600 | FenceProducer[vhost=v, producer=p, by=a, from=f]",
            "380176017801690161016600 | VoidId[vhost=v, exchange=x, id=i, by=a, from=f]",
            // SCHEDULE_MESSAGE
            "3101760165016b036a6f62ac02020a0b00 | ScheduleMessage Route[vhost=v, exchange=e, routingKey=k] job 300 0a0b",
            // PROBE
            "320100 | Probe[digest=true]",
            "320100 | Probe[digest=true]",
            "320001016400 | Probe[digest=false, work=100]",
            // SET_POLICY
            "3c0176017000025e61067175657565730000000000000005010a6d61782d6c656e6774686c000000000000000a00"
                    + " | SetPolicy[vhost=v, name=p, operator=false, spec=PolicySpec["
                    + "pattern=^a, applyTo=queues, priority=5, definition=Arguments[values={max-length=10}]]]",
            // CLEAR_POLICY
            "3d017601700100 | ClearPolicy[vhost=v, name=p, operator=true]",
            // BY_USER
            "3f016101663d017601700100 | ByUser[by=a, from=f, command=ClearPolicy[vhost=v, name=p, operator=true]]",
            // PAUSE_QUEUE
            "180176016e0100 | PauseQueue[vhost=v, name=n, pause=true]",
            // NOTE_IMPORT
            "40017608717565756573203200 | NoteImport[vhost=v, what=queues 2]",
            // NOTE_ACTION
            "41016101730172" + "0100 | NoteAction[what=a, subject=s, rest=r, isRoutine=true]",
            // ADMINISTER, each change
            "3e03616e6e0831302e302e302e310106e697a5e69cac04f09f9880012f012f00 | Administer[by=ann, from=10.0.0.1, change=FirstUser[name=\u65e5\u672c, password=PasswordHash[\ud83d\ude00], vhost=/]]",
            "3e03616e6e0831302e302e302e310206e697a5e69cac000106e697a5e69cac000000 | Administer[by=ann, from=10.0.0.1, change=SetVhost[name=\u65e5\u672c, spec=VhostSpec[description=, tags=[\u65e5\u672c], defaultQueueType=, isProtected=false]]]",
            "3e03616e6e0831302e302e302e310306e697a5e69cac00 | Administer[by=ann, from=10.0.0.1, change=DeleteVhost[name=\u65e5\u672c]]",
            "3e03616e6e0831302e302e302e310406e697a5e69cac06e697a5e69cac06e697a5e69cac0204f09f988006e697a5e69cac00 | Administer[by=ann, from=10.0.0.1, change=SetUser[name=\u65e5\u672c, spec=UserSpec[password=PasswordHash[\u65e5\u672c], tags=[\ud83d\ude00, \u65e5\u672c]]]]",
            "3e03616e6e0831302e302e302e310506e697a5e69cac00 | Administer[by=ann, from=10.0.0.1, change=DeleteUser[name=\u65e5\u672c]]",
            "3e03616e6e0831302e302e302e310606e697a5e69cac012f0a616d712e6469726563740a616d712e646972656374074772c3bcc39f6500 | Administer[by=ann, from=10.0.0.1, change=Rehash[name=\u65e5\u672c, from=PasswordHash[/], to=PasswordHash[amq.direct]]]",
            "3e03616e6e0831302e302e302e310706e697a5e69cac0b6f72646572732e65752e23074772c3bcc39f6500012f00 | Administer[by=ann, from=10.0.0.1, change=SetPermission[vhost=\u65e5\u672c, user=orders.eu.#, permission=Permission[configure=Gr\u00fc\u00dfe, write=, read=/]]]",
            "3e03616e6e0831302e302e302e310806e697a5e69cac012f00 | Administer[by=ann, from=10.0.0.1, change=ClearPermission[vhost=\u65e5\u672c, user=/]]",
            "3e03616e6e0831302e302e302e310906e697a5e69cac0b6f72646572732e65752e2300012f0a616d712e64697265637400 | Administer[by=ann, from=10.0.0.1, change=SetTopicPermission[vhost=\u65e5\u672c, user=orders.eu.#, exchange=, permission=TopicPermission[write=/, read=amq.direct]]]",
            "3e03616e6e0831302e302e302e310a06e697a5e69cac074772c3bcc39f650104f09f988000 | Administer[by=ann, from=10.0.0.1, change=ClearTopicPermission[vhost=\u65e5\u672c, user=Gr\u00fc\u00dfe, exchange=\ud83d\ude00]]",
            "3e03616e6e0831302e302e302e310b0104f09f988004f09f98809f6d7524311ef75400 | Administer[by=ann, from=10.0.0.1, change=SetLimit[ofUser=true, owner=\ud83d\ude00, name=\ud83d\ude00, most=-6958777050914162860]]",
            "3e03616e6e0831302e302e302e310c01012f0106e697a5e69cac00 | Administer[by=ann, from=10.0.0.1, change=ClearLimit[ofUser=true, owner=/, name=\u65e5\u672c]]",
            "3e03616e6e0831302e302e302e310d06e697a5e69cac0b6f72646572732e65752e2300 | Administer[by=ann, from=10.0.0.1, change=SetGlobalParameter[name=\u65e5\u672c, value=orders.eu.#]]",
            "3e03616e6e0831302e302e302e310e06e697a5e69cac00 | Administer[by=ann, from=10.0.0.1, change=ClearGlobalParameter[name=\u65e5\u672c]]",
            "3e03616e6e0831302e302e302e310f017601090164" + "0100 | Administer[by=ann, from=10.0.0.1, change=AlterVhost["
                    + "name=v, makes=true, to=VhostChange[description=d, tags=null, defaultQueueType=null, isProtected=true]]]",
            "3e03616e6e0831302e302e302e310f017600060101740671756f72756d00 | Administer[by=ann, from=10.0.0.1, change=AlterVhost["
                    + "name=v, makes=false, to=VhostChange[description=null, tags=[t], defaultQueueType=quorum, isProtected=null]]]",
            "3e03616e6e0831302e302e302e31100176010a6d61782d717565756573000000000000000700 | Administer[by=ann,"
                    + " from=10.0.0.1, change=SetLimits[vhost=v, most={max-queues=7}]]");

    private GoldenCommands() {}
}
