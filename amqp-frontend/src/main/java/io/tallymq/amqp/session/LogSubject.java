package io.tallymq.amqp.session;

import io.tallymq.amqp.channel.ClientTerms;
import io.tallymq.amqp.socket.Endpoints;
import io.tallymq.timer.SparseLog;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whose connection a line of the log is about, in words and as fields. Immutable.
 *
 * @param connection its name
 * @param address of the client, without its port: the same when it comes again
 * @param user empty while the client has not said who it is
 * @param vhost empty until the client has opened one
 */
record LogSubject(String connection, String address, String user, String vhost) {
    /**
     * That of a connection.
     *
     * @param terms null until it is opened
     * @param said as whom the client came; empty if it has not said it
     */
    static LogSubject of(String name, Endpoints ends, ClientTerms terms, String said) {
        String address = ends.client().getAddress().getHostAddress();
        return terms == null
                ? new LogSubject(name, address, said, "")
                : new LogSubject(name, address, terms.user(), terms.vhost());
    }

    /**
     * Writes a line about it.
     *
     * @param text what follows the connection
     * @param cause may be null
     */
    void warn(SparseLog log, String text, Throwable cause) {
        log.warn(fields(), "Connection {} {}", text(), text, cause);
    }

    /** For who reads the log by program; without what is not known. */
    Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("connection", connection);
        if (!user.isEmpty()) {
            fields.put("user", user);
        }
        if (!vhost.isEmpty()) {
            fields.put("vhost", vhost);
        }
        return fields;
    }

    /** For who reads it. */
    String text() {
        if (vhost.isEmpty()) {
            return user.isEmpty() ? connection : connection + " (user: '" + user + "')";
        }
        return connection + " (vhost: '" + vhost + "', user: '" + user + "')";
    }
}
