package io.tallymq.amqp.session;

import io.netty.channel.Channel;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.BrokerArguments;
import io.tallymq.amqp.channel.ClientTerms;
import io.tallymq.amqp.config.ProtocolLimits;
import io.tallymq.amqp.socket.ClientCertificate;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.Frame;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.access.Presence;
import io.tallymq.broker.access.Rights;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentSize;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.spec.ReceiptName;
import io.tallymq.broker.view.AccessView;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** connection.start to connection.open-ok (1.4.2 of the method reference). Event loop only. */
final class Handshake {
    private static final int VERSION_MAJOR = 0;
    private static final int VERSION_MINOR = 9;
    private static final String LOCALES = "en_US";

    private final AmqpConnection connection;
    private final FrontEnd frontEnd;
    private final Channel channel;
    private final Runnable onLogin;
    private ClientTerms.Capabilities capabilities = ClientTerms.Capabilities.NONE;
    /** A frame before the login has room for little more. */
    private static final List<String> KEPT_PROPERTIES =
            List.of("product", "version", "platform", "connection_name", ReceiptName.CLAIM, ReceiptName.EPOCH);

    private static final List<String> CLAIM_PROPERTIES = List.of(ReceiptName.CLAIM, ReceiptName.EPOCH);

    private Arguments clientProperties = Arguments.NONE;
    private String mechanism = "";
    private String user = "";
    /** Whether the user is who he says; null before he has said it. */
    private CompletableFuture<?> login;

    private ConnectionMethod.TuneOk agreed;
    private boolean started;
    private Presence presence;
    private Rights rights;
    /** The name by the certificate that the client has shown and that was checked; null for none. */
    private String certificate;

    Handshake(AmqpConnection connection, FrontEnd frontEnd, Channel channel, Runnable onLogin) {
        this.connection = connection;
        this.frontEnd = frontEnd;
        this.channel = channel;
        this.onLogin = onLogin;
    }

    /** The client's protocol header was accepted. */
    void start() {
        X509Certificate shown = ClientCertificate.shown(channel);
        certificate = shown == null ? null : frontEnd.authenticator().nameOf(shown);
        if (certificate == null
                && !frontEnd.authenticator()
                        .hasRoom(connection.endpoints().client().getAddress())) {
            turnAway(); // now: some clients take any end behind connection.start for a wrong password
            return;
        }
        started = true;
        connection.write(new ConnectionMethod.Start(
                VERSION_MAJOR,
                VERSION_MINOR,
                frontEnd.serverProperties(),
                LongString.of(Login.mechanisms(certificate)),
                LongString.of(LOCALES)));
    }

    /** True once connection.start was sent, so that the client understands connection.close. */
    boolean isStarted() {
        return started;
    }

    /** A method other than connection.close. */
    void onMethod(int channel, Method method) {
        MethodId id = method.id();
        if (channel != 0) {
            fail(ReplyCode.UNEXPECTED_FRAME, "channel " + channel + " has to wait for connection.open", id);
            return;
        }
        switch (connection.phase()) {
            case STARTING -> {
                if (method instanceof ConnectionMethod.StartOk startOk) {
                    startOk(startOk);
                } else {
                    fail(ReplyCode.CHANNEL_ERROR, "expected connection.start-ok, got " + method.name(), id);
                }
            }
            case TUNING -> {
                if (agreed == null && method instanceof ConnectionMethod.TuneOk tuneOk) {
                    tuneOk(tuneOk);
                } else if (agreed != null && method instanceof ConnectionMethod.Open open) {
                    open(open);
                } else {
                    String expected = agreed == null ? "connection.tune-ok" : "connection.open";
                    fail(ReplyCode.CHANNEL_ERROR, "expected " + expected + ", got " + method.name(), id);
                }
            }
            case OPENING, RUNNING, CLOSING, CLOSED ->
                throw new IllegalStateException("no handshake while " + connection.phase());
        }
    }

    private void fail(ReplyCode code, String text, MethodId id) {
        connection.fail(AmqpError.connection(code, text, id));
    }

    private void startOk(ConnectionMethod.StartOk m) {
        capabilities = ClientTerms.Capabilities.of(m.clientProperties());
        clientProperties = kept(BrokerArguments.of(m.clientProperties()));
        mechanism = m.mechanism();
        if (!Login.knows(mechanism, certificate)) {
            fail(
                    ReplyCode.COMMAND_INVALID,
                    "unknown authentication mechanism '" + mechanism + "', use one of " + Login.mechanisms(certificate),
                    m.id());
            return;
        }
        if (mechanism.equals(Login.EXTERNAL)) {
            user = certificate;
            presence = Presence.of(frontEnd.broker().access(), user);
            connection.pause();
            await(frontEnd.authenticator()
                    .acceptsWithoutPassword(
                            user, connection.endpoints().client().getAddress()));
            return;
        }
        Login login = Login.read(mechanism, m.response());
        if (login == null) {
            refuseLogin("");
            return;
        }
        user = login.user();
        presence = Presence.of(frontEnd.broker().access(), user); // before the password is looked at: it is this one's
        connection.pause();
        await(frontEnd.authenticator()
                .accepts(user, login.password(), connection.endpoints().client().getAddress()));
    }

    private void await(CompletableFuture<Authenticator.Verdict> verdict) {
        login = verdict;
        var unused = verdict.thenAcceptAsync(known -> connection.faults().run(() -> decided(known)), connection.loop());
    }

    /** The connection has ended: what waits for a password to be compared does not keep it, nor what its client has told of itself. */
    void ended() {
        if (login != null) {
            login.cancel(false);
        }
    }

    /** Of more than all nodes keep in memory for each connection, what people look for. */
    private static Arguments kept(Arguments properties) {
        if (ArgumentSize.refusal(properties) == null) {
            return properties;
        }
        Map<String, Object> some = new TreeMap<>();
        for (String name : KEPT_PROPERTIES) {
            if (properties.get(name) instanceof String text) {
                some.put(name, text);
            }
        }
        for (String name : CLAIM_PROPERTIES) { // whatever it is: whose place it is must not hang on the rest
            Object value = properties.get(name);
            if (value != null && !(value instanceof String)) {
                some.put(name, value instanceof Long ? value : List.of());
            }
        }
        return new Arguments(some);
    }

    /** Somebody knows whether the user is who he says. */
    private void decided(Authenticator.Verdict verdict) {
        if (connection.phase() != ConnectionPhase.STARTING) {
            return;
        }
        switch (verdict) {
            case ACCEPTED -> accepted();
            case REFUSED -> refuseLogin(user);
            case BUSY -> turnAway();
        }
    }

    private void accepted() {
        onLogin.run();
        connection.phase(ConnectionPhase.TUNING);
        ProtocolLimits limits = frontEnd.config().protocol();
        connection.write(new ConnectionMethod.Tune(limits.channelMax(), limits.frameMax(), limits.heartbeat()));
        connection.goOn();
    }

    /** Not a word of 403, which is for good: the client is to come again. */
    private void turnAway() {
        frontEnd.refusals()
                .warn(
                        "Connection {} closed: too many logins of its address wait, or of all, and nobody has looked at its own;"
                                + " or this node does not know yet whom the cluster knows",
                        connection.name());
        connection.drop("too many logins wait, or the node is behind");
    }

    private void refuseLogin(String name) {
        connection.subject().warn(frontEnd.refusals(), "is refused: login as '" + name + "' with " + mechanism, null);
        if (capabilities.authenticationFailureClose()) {
            connection.fail(AmqpError.connection(
                    ReplyCode.ACCESS_REFUSED,
                    "Login was refused using authentication mechanism " + mechanism
                            + ". For details see the broker logfile."));
        } else {
            connection.drop("login refused");
        }
    }

    private void tuneOk(ConnectionMethod.TuneOk m) {
        ProtocolLimits limits = frontEnd.config().protocol();
        // 0 asks for no limit; what it gets is ours, which is what no limit can mean here.
        long frameMax = m.frameMax() == 0 ? limits.frameMax() : m.frameMax();
        int channelMax = m.channelMax() == 0 ? limits.channelMax() : m.channelMax();
        if (frameMax < Frame.MIN_MAX_BYTES) {
            refuseTune("frame_max", frameMax, "lower than the minimum", Frame.MIN_MAX_BYTES);
        } else if (frameMax > limits.frameMax()) {
            refuseTune("frame_max", frameMax, "higher than the maximum", limits.frameMax());
        } else if (channelMax > limits.channelMax()) {
            refuseTune("channel_max", channelMax, "higher than the maximum", limits.channelMax());
        } else {
            agreed = new ConnectionMethod.TuneOk(channelMax, frameMax, m.heartbeat());
            connection.tuned((int) frameMax, m.heartbeat());
        }
    }

    private void refuseTune(String what, long value, String how, int limit) {
        fail(
                ReplyCode.NOT_ALLOWED,
                "negotiated " + what + " = " + value + " is " + how + " allowed value (" + limit + ")",
                MethodId.CONNECTION_TUNE);
    }

    private void open(ConnectionMethod.Open m) {
        if (frontEnd.registry().isSurplus(connection)) {
            fail(
                    ReplyCode.NOT_ALLOWED,
                    "connection refused: node connection limit ("
                            + frontEnd.registry().most()
                            + ") is reached, use another node or raise amqp.max-connections and the limit of file"
                            + " descriptors",
                    m.id());
            return;
        }
        String vhost = m.virtualHost();
        AccessView access = frontEnd.broker().access();
        if (!access.hasVhost(vhost)) {
            fail(ReplyCode.NOT_ALLOWED, "vhost " + vhost + " not found", m.id());
            return;
        }
        rights = new Rights(frontEnd.broker()::access, user, vhost, presence);
        if (!rights.mayEnter()) {
            String text = "access to vhost '" + vhost + "' refused for user '" + user + "'";
            fail(ReplyCode.NOT_ALLOWED, text, m.id());
            return;
        }
        if (clientProperties.get(ReceiptName.CLAIM) instanceof String producer
                && !rights.may(Rights.Act.CONFIGURE, ReceiptName.of(producer))) {
            String text = "configure access to '" + ReceiptName.of(producer) + "' in vhost '" + vhost
                    + "' refused for user '" + user + "': who takes the place of a producer needs it";
            fail(ReplyCode.ACCESS_REFUSED, text, m.id());
            return;
        }
        int channelMax = agreed.channelMax();
        int frameMax = (int) agreed.frameMax();
        InetSocketAddress peer = connection.endpoints().client();
        InetSocketAddress local = connection.endpoints().server();
        ConnectionInfo info = new ConnectionInfo(
                connection.name(),
                vhost,
                user,
                new ConnectionInfo.Endpoint(peer.getAddress().getHostAddress(), peer.getPort()),
                new ConnectionInfo.Endpoint(local.getAddress().getHostAddress(), local.getPort()),
                new ConnectionInfo.Negotiated(
                        channelMax, frameMax, agreed.heartbeat(), mechanism, System.currentTimeMillis()),
                clientProperties);
        connection.open(new ClientTerms(user, vhost, channelMax, frameMax, agreed.heartbeat(), capabilities), info);
    }

    /** As whom the client came, whether that was found to be true or not; empty if it has not said it. */
    String user() {
        return user;
    }

    /** What the user may do, from connection.open on. */
    Rights rights() {
        return rights;
    }

    /** The broker has heard of the connection, or refuses it. */
    void onOpened(Reply reply) {
        if (connection.phase() != ConnectionPhase.OPENING) {
            return;
        }
        if (reply instanceof Reply.Rejected why) {
            ReplyCode code = ReplyCode.find(why.code());
            fail(code == null ? ReplyCode.INTERNAL_ERROR : code, why.text(), MethodId.CONNECTION_OPEN);
        } else {
            connection.running();
            connection.accessChanged(); // while the cluster heard of it the user may have been deleted
        }
    }
}
