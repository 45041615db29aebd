package io.tallymq.amqp.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FrameDecoder;
import io.tallymq.amqp.wire.FrameListener;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ProtocolHeader;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.amqp.wire.WireException;
import io.tallymq.broker.Session;
import io.tallymq.broker.access.Rights;
import io.tallymq.broker.command.CloseConnection;
import io.tallymq.broker.command.OpenConnection;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import io.tallymq.broker.view.AccessView;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.security.auth.x500.X500Principal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection, from TCP accept to the end (section 2.2.4 of the specification). All on its event loop, but for
 * {@link #describe}, {@link #force} and {@link #name}. Whatever goes wrong here ends this connection and no other.
 */
public final class AmqpConnection extends ChannelInboundHandlerAdapter implements FrameListener, Heartbeats.Peer {
    private static final Logger LOG = LoggerFactory.getLogger(AmqpConnection.class);

    private final FrontEnd frontEnd;
    private final FrameDecoder decoder = new FrameDecoder(this);
    private ChannelHandlerContext ctx;
    private SocketOutput outbox;
    private ReadGate gate;
    private Handshake handshake;
    /** As whom it was opened; null before that. */
    private ClientTerms loggedIn;

    private Deadline deadline;
    private WriteWatch writes;
    private Heartbeats heartbeats;
    private ConnectionContext context;
    private Session session;
    private ConnectionRegistry.Admission admission = ConnectionRegistry.Admission.TURNED_AWAY;
    private final Endpoints endpoints;
    private boolean clientClosing;
    /** The broker has given back what the connection held. */
    private boolean closeOkDue;

    private long received;
    private int methods;
    private long ticks;

    private volatile String name = "";
    private volatile ConnectionPhase phase = ConnectionPhase.STARTING;
    private volatile ConnectionInfo info;
    private volatile Channels channels;
    private volatile long receivedBytes;
    private volatile long reads;
    private volatile ConnectionId id;
    private volatile BlockedNotice notice;

    /** A client that connects by itself. */
    public AmqpConnection(FrontEnd frontEnd) {
        this(frontEnd, null);
    }

    /** @param endpoints null: those of the socket */
    public AmqpConnection(FrontEnd frontEnd, Endpoints endpoints) {
        this.frontEnd = frontEnd;
        this.endpoints = endpoints;
    }

    // Netty.

    @Override
    public void channelActive(ChannelHandlerContext c) {
        ctx = c;
        outbox = new SocketOutput(c, frontEnd.config().flow().outboundLow());
        gate = new ReadGate(c.channel());
        deadline = new Deadline(loop(), frontEnd.timers());
        writes = new WriteWatch(
                loop(), frontEnd.timers(), outbox, frontEnd.config().flow().writeTimeout(), this::stuck);
        handshake = new Handshake(this, frontEnd);
        name = text(peer()) + " -> " + text(local());
        admission = frontEnd.registry().add(this);
        if (admission != ConnectionRegistry.Admission.ADMITTED) {
            frontEnd.refusals()
                    .warn(
                            "Connection {} refused: this node admits {} connections or is stopping",
                            name,
                            frontEnd.registry().most());
        }
        if (admission == ConnectionRegistry.Admission.TURNED_AWAY) {
            phase = ConnectionPhase.CLOSED;
            closeSocket();
            return;
        }
        decoder.setFrameMax(frontEnd.config().protocol().preLoginFrameMax());
        deadline.start(frontEnd.config().protocol().handshakeTimeout(), () -> drop("no complete handshake in time"));
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    InetSocketAddress peer() {
        return endpoints != null
                ? endpoints.client()
                : (InetSocketAddress) ctx.channel().remoteAddress();
    }

    /** The common name in the certificate that the client has shown and that was checked; null for none. */
    String certificateName() {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (tls == null) {
            return null;
        }
        try {
            X500Principal subject = (X500Principal) tls.engine().getSession().getPeerPrincipal();
            return new LdapName(subject.getName())
                    .getRdns().stream()
                            .filter(r -> r.getType().equalsIgnoreCase("CN"))
                            .map(r -> r.getValue().toString())
                            .findFirst()
                            .orElse(null);
        } catch (SSLPeerUnverifiedException | InvalidNameException e) {
            return null;
        }
    }

    InetSocketAddress local() {
        return endpoints != null
                ? endpoints.server()
                : (InetSocketAddress) ctx.channel().localAddress();
    }

    @Override
    public void channelRead(ChannelHandlerContext c, Object message) {
        ByteBuf octets = (ByteBuf) message;
        try {
            received += octets.readableBytes();
            if (phase == ConnectionPhase.STARTING
                    && received > frontEnd.config().protocol().preLoginBytes()) {
                drop("too many bytes before the login");
            } else if (phase != ConnectionPhase.CLOSED) {
                decoder.feed(octets);
            }
            if (phase == ConnectionPhase.OPENING
                    && decoder.heldBytes() > frontEnd.config().protocol().preLoginBytes()) {
                gate.close(ReadGate.Reason.HANDSHAKE);
            }
        } finally {
            octets.release();
        }
        if (session != null && phase == ConnectionPhase.RUNNING && !session.isWritable(notice.isPublisher())) {
            gate.close(ReadGate.Reason.BROKER);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext c) {
        receivedBytes = received;
        reads = reads + 1; // written by the event loop only
        frontEnd.paces().came(methods);
        methods = 0;
        endTurn();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext c) {
        endTurn();
    }

    @Override
    public void channelInactive(ChannelHandlerContext c) {
        end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext c, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("Connection {}: {}", name, cause.toString());
            closeSocket();
            return;
        }
        if (cause instanceof DecoderException
                && cause.getCause() instanceof SSLException) { // anybody, as often as he likes
            frontEnd.refusals()
                    .warn(
                            "Connection {}: no TLS came about: {}",
                            name,
                            cause.getCause().toString());
            closeSocket();
            return;
        }
        LOG.error("Connection {} is closed because of a bug in the broker", name, cause);
        if (phase == ConnectionPhase.CLOSING || phase == ConnectionPhase.CLOSED) {
            closeSocket();
        } else {
            fail(AmqpError.connection(ReplyCode.INTERNAL_ERROR, "a bug in the broker, see its log"));
            endTurn();
        }
    }

    /** The end of a row of the broker's events: what it told of publishes comes before close-ok. */
    void eventsEnd() {
        if (closeOkDue && phase == ConnectionPhase.CLOSING) {
            closeOk();
        }
        endTurn();
    }

    /** What happened in this turn goes out: acks to the broker, deliveries and answers to the client. */
    void endTurn() {
        if (phase == ConnectionPhase.CLOSED) {
            return;
        }
        if (context != null) {
            context.turns().run();
            if (phase == ConnectionPhase.RUNNING) {
                context.settles().flush();
            }
        }
        outbox.flush();
        writes.look();
        if (outbox.pendingBytes() > frontEnd.config().flow().outboundStop()) {
            gate.close(ReadGate.Reason.OUTBOX);
        } else if (ctx.channel().isWritable()) {
            gate.open(ReadGate.Reason.OUTBOX);
        }
    }

    // Frames.

    @Override
    public void onProtocolHeader(boolean accepted) {
        if (phase != ConnectionPhase.STARTING) {
            return; // one was refused, and what follows it is no matter
        }
        if (accepted) {
            handshake.start();
        } else {
            ProtocolHeader.write(outbox.buffer());
            outbox.written();
            frontEnd.refusals().warn("Connection {} asked for another protocol than AMQP 0-9-1", name);
            phase = ConnectionPhase.CLOSING;
            awaitClientsEnd();
        }
    }

    @Override
    public void onMethod(int channel, Method method) {
        methods++;
        switch (phase) {
            case RUNNING -> {
                if (channel == 0) {
                    connectionMethod(method);
                } else {
                    channels.onMethod(channel, method);
                }
            }
            case STARTING, TUNING -> {
                if (channel == 0 && method.id() == MethodId.CONNECTION_CLOSE) {
                    clientCloses();
                } else {
                    handshake.onMethod(channel, method);
                }
            }
            case CLOSING -> {
                if (channel == 0 && method.id() == MethodId.CONNECTION_CLOSE_OK) {
                    drop("closed");
                } else if (channel == 0 && method.id() == MethodId.CONNECTION_CLOSE && !clientClosing) {
                    write(new ConnectionMethod.CloseOk());
                }
            }
            case OPENING -> throw new IllegalStateException("the decoder is suspended");
            case CLOSED -> {
                // Nothing is written any more.
            }
        }
    }

    private void connectionMethod(Method method) {
        if (method.id() == MethodId.CONNECTION_CLOSE) {
            clientCloses();
        } else if (method.id() == MethodId.CONNECTION_UPDATE_SECRET) {
            // Passwords don't expire, so that a new one changes nothing: what RabbitMQ answers without OAuth.
            write(new ConnectionMethod.UpdateSecretOk());
        } else {
            fail(AmqpError.of(
                    ReplyCode.CHANNEL_ERROR,
                    method.name() + " has no place on channel 0 of an open connection",
                    method.id()));
        }
    }

    @Override
    public void onHeader(int channel, int classId, int weight, long bodySize, ByteBuf properties) {
        AmqpChannel found = channelForContent(channel);
        if (found != null) {
            found.onHeader(classId, weight, bodySize, properties);
        }
    }

    @Override
    public void onBody(int channel, ByteBuf octets) {
        AmqpChannel found = channelForContent(channel);
        if (found != null) {
            found.onBody(octets);
        }
    }

    private AmqpChannel channelForContent(int channel) {
        if (phase == ConnectionPhase.CLOSING || phase == ConnectionPhase.CLOSED) {
            return null;
        }
        if (phase != ConnectionPhase.RUNNING || channel == 0) {
            fail(AmqpError.connection(
                    ReplyCode.UNEXPECTED_FRAME, "content has no place on channel " + channel + " now"));
            return null;
        }
        return channels.forContent(channel);
    }

    @Override
    public void onHeartbeat() {
        // Any octets are a sign of life; they were counted.
    }

    @Override
    public void onError(int channel, WireException error) {
        fail(AmqpError.of(error));
    }

    // Beginning and end.

    EventLoop loop() {
        return ctx.channel().eventLoop();
    }

    /** It was one too many when it came, and may not be opened. */
    boolean isSurplus() {
        return admission == ConnectionRegistry.Admission.SURPLUS;
    }

    ConnectionPhase phase() {
        return phase;
    }

    void phase(ConnectionPhase next) {
        phase = next;
    }

    /** Writes a method on channel 0. */
    void write(Method method) {
        FrameWriter.method(outbox.buffer(), 0, method);
        outbox.written();
    }

    /** connection.tune-ok was accepted. */
    void tuned(int frameMax, int heartbeat) {
        decoder.setFrameMax(frameMax);
        if (heartbeat > 0) {
            heartbeats = new Heartbeats(this, loop(), frontEnd.timers(), heartbeat);
        }
    }

    /** connection.open was accepted: from here on the broker may know the connection. */
    void open(ClientTerms terms, ConnectionInfo described) {
        deadline.stop();
        phase = ConnectionPhase.OPENING;
        decoder.suspend();
        info = described;
        notice = new BlockedNotice(this::write, gate, terms.capabilities().connectionBlocked());
        SessionEvents events = new SessionEvents(this, gate, notice);
        session = frontEnd.broker().connect(described.vhost(), events, loop());
        id = session.id();
        PublishShare share = new PublishShare(
                this,
                gate,
                frontEnd.publishBudget(),
                frontEnd.timers(),
                frontEnd.config().flow().publishPatience());
        context = new ConnectionContext(this, frontEnd, terms, session, outbox, notice, share);
        channels = new Channels(context);
        events.attach(channels);
        session.submit(new OpenConnection(session.id(), described), reply -> handshake.onOpened(reply));
    }

    /** Closes the connection with an error; does nothing if it is closing. */
    void fail(AmqpError error) {
        if (phase == ConnectionPhase.CLOSING || phase == ConnectionPhase.CLOSED) {
            return;
        }
        if (phase == ConnectionPhase.RUNNING) {
            LOG.info("Connection {} is closed: {}", name, error.text());
        } else { // anybody, as often as he likes
            frontEnd.refusals().warn("Connection {} is closed: {}", name, error.text());
        }
        phase = ConnectionPhase.CLOSING;
        closeSession();
        write(new ConnectionMethod.Close(error.code().code(), error.text(), error.classId(), error.methodId()));
        awaitEnd("no connection.close-ok in time");
    }

    /**
     * The broker has ended the connection, so what it held goes to others. What the network has not brought to the client until
     * now must not come after that: then the socket is reset, else the client is told why.
     */
    void ended(AmqpError error) {
        if (!resetIfOutOfReach(error.text())) {
            fail(error);
        }
    }

    /** Ends the connection if its client's machine does not answer; what is on the way is thrown away. Returns whether. */
    boolean resetIfOutOfReach(String why) {
        if (!Retransmission.isOn(ctx.channel())) {
            return false;
        }
        LOG.info("Connection {} is reset, its client is out of reach: {}", name, why);
        Retransmission.giveUp(ctx.channel());
        drop(why);
        return true;
    }

    /** The broker has heard of the connection: what the client sent behind connection.open gets its turn. */
    void running() {
        phase = ConnectionPhase.RUNNING;
        loggedIn = context.terms();
        frontEnd.connections().opened(name, loggedIn);
        write(new ConnectionMethod.OpenOk());
        gate.open(ReadGate.Reason.HANDSHAKE);
        decoder.resume();
    }

    /** What the user may do, from connection.open on. */
    Rights rights() {
        return handshake.rights();
    }

    /** Users or virtual hosts have changed. Any thread. */
    void accessChanged() {
        loop().execute(() -> {
            if (phase == ConnectionPhase.RUNNING) {
                AccessView access = frontEnd.broker().access();
                if (!access.hasVhost(context.vhost())) {
                    fail(AmqpError.connection(
                            ReplyCode.CONNECTION_FORCED, "vhost '" + context.vhost() + "' is deleted"));
                } else if (!rights().isThere()) {
                    fail(AmqpError.connection(
                            ReplyCode.CONNECTION_FORCED,
                            "user '" + context.terms().user() + "' is deleted"));
                }
            }
        });
    }

    /** What comes now waits until {@link #goOn}. */
    void pause() {
        decoder.suspend();
    }

    /** What was written meanwhile goes out, and what came is looked at. */
    void goOn() {
        outbox.flush();
        decoder.resume();
    }

    private void awaitEnd(String otherwise) {
        outbox.flush();
        decoder.resume();
        gate.openForAll();
        deadline.start(frontEnd.config().flow().closeTimeout(), () -> drop(otherwise));
    }

    /** The client's connection.close: answered once the broker has given back what the connection held. */
    private void clientCloses() {
        phase = ConnectionPhase.CLOSING;
        clientClosing = true;
        if (session == null) {
            closeOk();
            return;
        }
        List<Sent> sent = channels.sent();
        channels.connectionCloses();
        context.submit(new CloseConnection(session.id(), sent), reply -> closeOkDue = true);
        // Without a majority the broker can't hear of it now: the client need not wait for that.
        deadline.start(frontEnd.config().flow().closeTimeout(), this::closeOk);
    }

    private void closeOk() {
        closeOkDue = false;
        closeSession();
        write(new ConnectionMethod.CloseOk());
        awaitClientsEnd();
    }

    /** What was written is the last, and the client closes the socket; what it sends until then is passed over. */
    private void awaitClientsEnd() {
        outbox.flushAndEnd();
        gate.openForAll();
        deadline.start(frontEnd.config().flow().closeTimeout(), () -> drop("the client does not close its socket"));
    }

    private void stuck() {
        LOG.info("Connection {} is dropped: its client reads nothing", name);
        frontEnd.registry().noteStuck();
        drop("the client reads nothing");
    }

    private void closeSession() {
        if (session != null) {
            context.settles().flush();
            List<Sent> sent = channels.sent();
            channels.abandonAll();
            context.publishShare().end();
            session.close(sent);
            session = null;
        }
    }

    /** Closes the socket without a word. */
    void drop(String why) {
        LOG.debug("Connection {} ends: {}", name, why);
        closeSocket();
    }

    /** {@link #channelInactive} follows. */
    private void closeSocket() {
        ChannelFuture unused = ctx.close();
    }

    private void end() {
        phase = ConnectionPhase.CLOSED;
        closeSession();
        deadline.stop();
        writes.stop();
        if (heartbeats != null) {
            heartbeats.stop();
        }
        frontEnd.registry().remove(this);
        if (loggedIn != null) {
            frontEnd.connections().closed(name, loggedIn);
        }
        decoder.close();
        outbox.close();
    }

    /** Closes the connection with 320 and this text. Any thread. */
    void force(String reason) {
        loop().execute(() -> {
            if (phase == ConnectionPhase.STARTING) {
                drop(reason);
            } else {
                fail(AmqpError.connection(ReplyCode.CONNECTION_FORCED, reason));
            }
        });
    }

    // Heartbeats.

    @Override
    public long sentBytes() {
        return outbox.sentBytes();
    }

    @Override
    public long signsOfLife() {
        if (gate.isClosedByNode()) {
            // We don't look: the client can't be blamed.
            ticks++;
        }
        return received + ticks;
    }

    @Override
    public void sendHeartbeat() {
        if (outbox.isWritable()) {
            FrameWriter.heartbeat(outbox.buffer());
            outbox.written();
            outbox.flush();
        }
    }

    @Override
    public void dead() {
        LOG.info("Connection {} is dropped: no heartbeat for two intervals", name);
        drop("no heartbeat");
    }

    // For those who look at it.

    /** {@code peer:port -> host:port}. Any thread. */
    String name() {
        return name;
    }

    /** What there is to tell about its open channels, by number. Any thread. */
    SortedMap<Integer, AmqpChannelInfo> describeChannels() {
        Channels open = channels;
        return open == null ? Collections.emptySortedMap() : open.describe();
    }

    /** What there is to tell about it. Any thread. */
    AmqpConnectionInfo describe() {
        Channels open = channels;
        AmqpConnectionInfo.Traffic traffic = new AmqpConnectionInfo.Traffic(
                receivedBytes, outbox.sentBytes(), reads, outbox.flushes(), outbox.lastPending());
        List<Integer> now = open == null ? List.of() : open.numbers();
        boolean tls = ctx.pipeline().get(SslHandler.class) != null;
        return new AmqpConnectionInfo(id, info, name, state(), now, open == null ? 0 : open.opened(), tls, traffic);
    }

    private String state() {
        if (phase != ConnectionPhase.RUNNING) {
            return phase.text();
        }
        BlockedNotice told = notice;
        return told != null && told.isTold() ? "blocked" : gate.isClosed() ? "flow" : phase.text();
    }
}
