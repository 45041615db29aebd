package io.tallymq.tally.amqp;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.context.Surroundings;
import io.tallymq.tally.http.TrustedCa;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;

/** The broker that messages come from. */
final class OldBroker {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int HEARTBEAT_SECONDS = 10;

    private final ConnectionFactory factory;

    private OldBroker(ConnectionFactory factory) {
        this.factory = factory;
    }

    /**
     * From a URI.
     *
     * @param ca PEM file of the certificates to trust for amqps; null for Java's own
     */
    static OldBroker of(String text, Surroundings surroundings, Path ca) {
        URI uri = parse(text);
        ConnectionFactory factory = new ConnectionFactory();
        boolean secure = uri.getScheme().equals("amqps");
        factory.setHost(uri.getHost());
        factory.setPort(uri.getPort() >= 0 ? uri.getPort() : secure ? 5671 : 5672);
        String path = uri.getRawPath();
        factory.setVirtualHost(path == null || path.length() < 2 ? "/" : decoded(path.substring(1)));
        String[] login = uri.getRawUserInfo() == null
                ? new String[] {"guest"}
                : uri.getRawUserInfo().split(":", 2);
        factory.setUsername(decoded(login[0]));
        factory.setPassword(login.length > 1 ? decoded(login[1]) : password(decoded(login[0]), uri, surroundings));
        factory.setAutomaticRecoveryEnabled(false);
        factory.setConnectionTimeout(CONNECT_MILLIS);
        factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        if (secure) {
            factory.useSslProtocol(TrustedCa.context(ca));
            factory.enableHostnameVerification();
        }
        return new OldBroker(factory);
    }

    private static URI parse(String text) {
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null && ("amqp".equals(uri.getScheme()) || "amqps".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw noUri();
        }
        throw noUri();
    }

    /** Without the text: there may be a password in it. */
    private static Failure noUri() {
        return Failure.usage(
                "the other broker's URI is none: amqp://[user[:password]@]host[:port][/vhost] is expected");
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String password(String user, URI uri, Surroundings surroundings) {
        String given = surroundings.variable("TALLY_OLD_PASSWORD");
        if (given != null) {
            return given;
        } else if (user.equals("guest")) {
            return "guest";
        }
        char[] typed = surroundings.prompt().apply("Password of " + user + " at " + uri.getHost() + ": ");
        if (typed == null) {
            throw Failure.usage("there is no password for " + user + " at the other broker: set TALLY_OLD_PASSWORD");
        }
        return new String(typed);
    }

    /** @throws Failure if it can not be had */
    Connection connect() {
        String where = "the other broker, " + factory.getHost() + ":" + factory.getPort() + ": ";
        try {
            return factory.newConnection("tally drain-from");
        } catch (AuthenticationFailureException e) {
            throw Failure.refused(where + e.getMessage());
        } catch (IOException e) {
            if (e.getCause() instanceof ShutdownSignalException closed && Reasons.code(closed) >= 400) {
                throw Failure.refused(where + Reasons.of(closed));
            }
            throw Failure.unreachable(where + Reasons.of(e));
        } catch (TimeoutException e) {
            throw Failure.unreachable(where + "no answer in time");
        }
    }
}
