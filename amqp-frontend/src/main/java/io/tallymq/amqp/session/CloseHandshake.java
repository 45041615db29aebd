package io.tallymq.amqp.session;

import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.socket.Deadline;
import io.tallymq.amqp.socket.ReadGate;
import io.tallymq.amqp.socket.SocketOutput;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodId;

/** connection.close and connection.close-ok, whoever begins, and what follows until the socket is closed. Event loop only. */
final class CloseHandshake {
    private final AmqpConnection connection;
    private final SocketOutput outbox;
    private final ReadGate gate;
    private final Deadline deadline;
    private final int timeout;
    private boolean clientCloses;
    /** The broker has given back what the connection held. */
    private boolean closeOkDue;

    /**
     * @param deadline of the connection
     * @param timeout milliseconds for each step; then the socket is closed
     */
    CloseHandshake(AmqpConnection connection, SocketOutput outbox, ReadGate gate, Deadline deadline, int timeout) {
        this.connection = connection;
        this.outbox = outbox;
        this.gate = gate;
        this.deadline = deadline;
        this.timeout = timeout;
    }

    /** The client is told why its connection is closed, and answers. */
    void close(AmqpError error) {
        connection.write(
                new ConnectionMethod.Close(error.code().code(), error.text(), error.classId(), error.methodId()));
        connection.goOn();
        gate.openForAll();
        deadline.start(timeout, () -> connection.drop("no connection.close-ok in time"));
    }

    /**
     * The client's connection.close: answered once the broker has given back what the connection held.
     *
     * @param opened null if the connection was not opened
     */
    void onClose(OpenSession opened) {
        clientCloses = true;
        if (opened == null) {
            closeOk();
            return;
        }
        opened.clientCloses(() -> closeOkDue = true);
        // Without a majority the broker can't hear of it now: the client need not wait for that.
        deadline.start(timeout, this::closeOk);
    }

    /** A method that comes while the connection is closed. */
    void onMethod(int channel, Method method) {
        if (channel == 0 && method.id() == MethodId.CONNECTION_CLOSE_OK) {
            connection.drop("closed");
        } else if (channel == 0 && method.id() == MethodId.CONNECTION_CLOSE && !clientCloses) {
            connection.write(new ConnectionMethod.CloseOk());
        }
    }

    /** The end of a row of the broker's events: what it told of publishes comes before close-ok. */
    void eventsEnd() {
        if (closeOkDue && connection.phase() == ConnectionPhase.CLOSING) {
            closeOk();
        }
    }

    private void closeOk() {
        closeOkDue = false;
        connection.closeSession();
        connection.write(new ConnectionMethod.CloseOk());
        awaitClientsEnd();
    }

    /** What was written is the last, and the client closes the socket; what it sends until then is passed over. */
    void awaitClientsEnd() {
        outbox.flushAndEnd();
        gate.openForAll();
        deadline.start(timeout, () -> connection.drop("the client does not close its socket"));
    }
}
