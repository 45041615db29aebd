package io.tallymq.amqp.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.channel.ClientTerms;
import io.tallymq.amqp.config.OutboundLimits;
import io.tallymq.amqp.socket.ClientTls;
import io.tallymq.amqp.socket.Deadline;
import io.tallymq.amqp.socket.Endpoints;
import io.tallymq.amqp.socket.ReadGate;
import io.tallymq.amqp.socket.Retransmission;
import io.tallymq.amqp.socket.SocketOutput;
import io.tallymq.amqp.socket.WriteWatch;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FrameDecoder;
import io.tallymq.amqp.wire.FrameWriter;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.ProtocolHeader;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.spec.ConnectionInfo;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection, from TCP accept to the end (section 2.2.4 of the specification). All on its event loop, but for
 * {@link #describe}, {@link #force} and {@link #name}. Whatever goes wrong here ends this connection and no other.
 */
public final class AmqpConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(AmqpConnection.class);

    private final FrontEnd frontEnd;
    private final Endpoints endpoints;
    private final Runnable onLogin;
    private final ConnectionFaults faults;
    private final ConnectionFrames frames = new ConnectionFrames(this);
    private final FrameDecoder decoder = new FrameDecoder(frames);
    private ChannelHandlerContext ctx;
    private SocketOutput outbox;
    private ReadGate gate;
    private Handshake handshake;
    private CloseHandshake closing;
    /** As whom it was opened; null before that. */
    private ClientTerms loggedIn;

    private Deadline deadline;
    private WriteWatch writes;
    private ConnectionTraffic traffic;

    private volatile String name = "";
    private volatile ConnectionPhase phase = ConnectionPhase.STARTING;
    /** Null until connection.open. */
    private volatile OpenSession opened;

    /**
     * @param endpoints as far as they are known
     * @param onLogin is told when the client has shown who it is
     */
    public AmqpConnection(FrontEnd frontEnd, Endpoints endpoints, Runnable onLogin) {
        this.frontEnd = frontEnd;
        this.faults = new ConnectionFaults(this, frontEnd);
        this.endpoints = endpoints;
        this.onLogin = onLogin;
    }

    // Netty.

    @Override
    public void channelActive(ChannelHandlerContext c) {
        ctx = c;
        OutboundLimits limits = frontEnd.config().flow().outbound();
        outbox = new SocketOutput(c, limits.low(), frontEnd.outboundBudget(), this::room);
        gate = new ReadGate(c.channel());
        traffic = new ConnectionTraffic(outbox, gate, this::dead);
        deadline = new Deadline(loop(), frontEnd.timers());
        writes = new WriteWatch(loop(), frontEnd.timers(), outbox, limits.timeout(), limits.patience(), this::stuck);
        handshake = new Handshake(this, frontEnd, c.channel(), onLogin);
        closing = new CloseHandshake(
                this, outbox, gate, deadline, frontEnd.config().flow().closeTimeout());
        name = endpoints.text();
        ConnectionRegistry.Admission admission = frontEnd.registry().add(this);
        if (admission != ConnectionRegistry.Admission.ADMITTED) {
            refused("refused: this node admits " + frontEnd.registry().most() + " connections or is stopping");
        }
        if (admission == ConnectionRegistry.Admission.TURNED_AWAY) {
            phase = ConnectionPhase.CLOSED;
            closeSocket();
            return;
        }
        decoder.setFrameMax(frontEnd.config().protocol().preLoginFrameMax());
        deadline.start(frontEnd.config().protocol().handshakeTimeout(), () -> drop("no complete handshake in time"));
    }

    Endpoints endpoints() {
        return endpoints;
    }

    @Override
    public void channelRead(ChannelHandlerContext c, Object message) {
        ByteBuf octets = (ByteBuf) message;
        try {
            traffic.received(octets.readableBytes());
            if (phase == ConnectionPhase.STARTING
                    && traffic.received() > frontEnd.config().protocol().preLoginBytes()) {
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
        if (opened != null && phase == ConnectionPhase.RUNNING) {
            opened.keepsOfFrame(decoder.heldBytes());
            if (!opened.isWritable()) {
                gate.close(ReadGate.Reason.BROKER);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext c) {
        traffic.readComplete();
        frontEnd.paces().came(frames.takeMethods());
        endTurn();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext c) {
        endTurn();
    }

    @Override
    public void channelInactive(ChannelHandlerContext c) {
        handshake.ended();
        end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext c, Throwable cause) {
        faults.caught(cause);
    }

    /** The end of a row of the broker's events: what it told of publishes comes before close-ok. */
    void eventsEnd() {
        closing.eventsEnd();
        endTurn();
    }

    /** What happened in this turn goes out: acks to the broker, deliveries and answers to the client. */
    void endTurn() {
        if (phase == ConnectionPhase.CLOSED) {
            return;
        }
        if (opened != null) {
            opened.deliver();
            if (phase == ConnectionPhase.RUNNING) {
                opened.flushSettles();
            }
        }
        outbox.flush();
        writes.look();
        if (outbox.pendingBytes() > frontEnd.config().flow().outbound().stop() || outbox.mustBeReadFirst()) {
            gate.close(ReadGate.Reason.OUTBOX);
        } else if (ctx.channel().isWritable()) {
            gate.open(ReadGate.Reason.OUTBOX);
        }
    }

    /** Others have made room for what waits to be written. Any thread. */
    private void room() {
        later(this::endTurn);
    }

    // Beginning and end.

    EventLoop loop() {
        return ctx.channel().eventLoop();
    }

    ConnectionPhase phase() {
        return phase;
    }

    void phase(ConnectionPhase next) {
        phase = next;
    }

    Handshake handshake() {
        return handshake;
    }

    CloseHandshake closing() {
        return closing;
    }

    /** The client wants another protocol: it is told which one there is. */
    void otherProtocol() {
        ProtocolHeader.write(outbox.buffer());
        outbox.written();
        refused("asked for another protocol than AMQP 0-9-1");
        phase = ConnectionPhase.CLOSING;
        closing.awaitClientsEnd();
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
            traffic.watch(loop(), frontEnd.timers(), heartbeat);
        }
    }

    /** connection.open was accepted: from here on the broker may know the connection. */
    void open(ClientTerms terms, ConnectionInfo described) {
        deadline.stop();
        phase = ConnectionPhase.OPENING;
        decoder.suspend();
        opened = new OpenSession(this, frontEnd, terms, described, handshake.rights(), outbox, gate);
        opened.begin(handshake::onOpened);
    }

    /** Closes the connection with an error; does nothing if it is closing. */
    void fail(AmqpError error) {
        if (phase == ConnectionPhase.CLOSING || phase == ConnectionPhase.CLOSED) {
            return;
        }
        if (phase == ConnectionPhase.RUNNING) {
            frontEnd.errors().connection(subject(), error);
        } else {
            refused("is closed: " + error.text());
        }
        phase = ConnectionPhase.CLOSING;
        faults.run(() -> {
            closeSession();
            closing.close(error);
        });
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
        note("connection.reset", "is reset, its client is out of reach: " + why);
        Retransmission.giveUp(ctx.channel());
        drop(why);
        return true;
    }

    /** The broker has heard of the connection: what the client sent behind connection.open gets its turn. */
    void running() {
        phase = ConnectionPhase.RUNNING;
        loggedIn = opened.terms();
        frontEnd.connections().opened(name, loggedIn);
        write(new ConnectionMethod.OpenOk());
        gate.open(ReadGate.Reason.HANDSHAKE);
        decoder.resume();
    }

    /** Users or virtual hosts have changed. Any thread. */
    void accessChanged() {
        later(() -> {
            if (phase == ConnectionPhase.RUNNING) {
                AmqpError lost = opened.lostAccess();
                if (lost != null) {
                    fail(lost);
                } else {
                    opened.accessChanged();
                    endTurn();
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

    /** The client's connection.close. */
    void clientCloses() {
        phase = ConnectionPhase.CLOSING;
        closing.onClose(opened);
    }

    private void stuck() {
        note("connection.stuck", "is dropped: its client reads nothing, or too little while memory is scarce");
        frontEnd.registry().noteStuck();
        drop("the client reads nothing, or too little");
    }

    /** The broker hears that the connection is over, if it ever heard of it. */
    void closeSession() {
        if (opened != null) {
            opened.close();
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
        faults.run(this::closeSession);
        faults.run(this::leave);
        faults.run(decoder::close);
        faults.run(outbox::close);
    }

    private void leave() {
        deadline.stop();
        writes.stop();
        traffic.stop();
        frontEnd.registry().remove(this);
        if (loggedIn != null) {
            frontEnd.connections().closed(name, loggedIn);
        }
    }

    /** Closes the connection with 320 and this text. Any thread. */
    void force(String reason) {
        later(() -> {
            if (phase == ConnectionPhase.STARTING) {
                drop(reason);
            } else {
                fail(AmqpError.connection(ReplyCode.CONNECTION_FORCED, reason));
            }
        });
    }

    private void later(Runnable work) {
        loop().execute(() -> faults.run(work));
    }

    private void dead() {
        note("connection.heartbeat", "is dropped: no heartbeat for two intervals");
        drop("no heartbeat");
    }

    /** {@code peer:port -> host:port}. Any thread. */
    String name() {
        return name;
    }

    /** Ends it when something is thrown in its turns. */
    ConnectionFaults faults() {
        return faults;
    }

    /** Whose it is, for the log. */
    LogSubject subject() {
        return LogSubject.of(name, endpoints, opened == null ? null : opened.terms(), handshake.user());
    }

    /** Writes into the log what anybody can cause, as often as he likes. */
    void refused(String text) {
        subject().warn(frontEnd.refusals(), text, null);
    }

    /** Writes into the log what went wrong, see {@link ClientErrors#note}. */
    void note(String event, String text) {
        frontEnd.errors().note(subject(), event, text);
    }

    /** What the broker knows it as; null before it is opened. Any thread. */
    OpenSession session() {
        return opened;
    }

    /** What there is to tell about it. Any thread. */
    AmqpConnectionInfo describe() {
        OpenSession now = opened;
        AmqpConnectionInfo.Traffic octets = traffic.describe();
        ClientTls tls = ClientTls.of(ctx.channel());
        return now == null
                ? new AmqpConnectionInfo(null, null, name, state(), List.of(), 0, tls, octets)
                : now.describe(name, state(), tls, octets);
    }

    private String state() {
        if (phase != ConnectionPhase.RUNNING) {
            return phase.text();
        }
        OpenSession now = opened;
        return now != null && now.isBlocked() ? "blocked" : gate.isClosed() ? "flow" : phase.text();
    }
}
