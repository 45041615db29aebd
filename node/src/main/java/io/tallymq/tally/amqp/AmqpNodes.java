package io.tallymq.tally.amqp;

import com.fasterxml.jackson.databind.JsonNode;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.http.ApiAnswer;
import io.tallymq.tally.http.ApiClient;
import io.tallymq.tally.http.ApiPath;
import io.tallymq.tally.http.TrustedCa;
import io.tallymq.tally.output.Plain;
import io.tallymq.tally.profile.ClusterTarget;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Where a cluster's nodes listen for AMQP, and connections to them: to the next one when one is down. */
final class AmqpNodes {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int HEARTBEAT_SECONDS = 10;
    private static final int AMQP_PORT = 5672;
    private static final int AMQPS_PORT = 5671;
    private static final int FORBIDDEN = 403;

    private final ClusterTarget target;
    private final List<URI> addresses;

    private AmqpNodes(ClusterTarget target, List<URI> addresses) {
        this.target = target;
        this.addresses = addresses;
    }

    /**
     * What was given, or else is told.
     *
     * @param given addresses of the command or the environment; null for none
     * @param warning is told what may be wrong with what the nodes tell
     */
    static AmqpNodes of(ClusterTarget target, List<String> given, Consumer<String> warning) {
        List<String> named = given == null ? target.amqp() : given;
        return new AmqpNodes(
                target,
                named.isEmpty()
                        ? told(target, warning)
                        : named.stream().map(AmqpNodes::address).toList());
    }

    private static URI address(String text) {
        try {
            URI uri = URI.create(text.contains("://") ? text.strip() : "amqp://" + text.strip());
            boolean secure = "amqps".equals(uri.getScheme());
            if (uri.getHost() != null && uri.getUserInfo() == null && (secure || "amqp".equals(uri.getScheme()))) {
                int port = uri.getPort() >= 0 ? uri.getPort() : secure ? AMQPS_PORT : AMQP_PORT;
                return URI.create(uri.getScheme() + "://" + uri.getHost() + ":" + port);
            }
        } catch (IllegalArgumentException e) {
            throw noAddress(text);
        }
        throw noAddress(text);
    }

    private static Failure noAddress(String text) {
        return Failure.usage("'" + Plain.withoutLogin(text)
                + "' is no AMQP address: amqp://host:port or amqps://host:port is expected");
    }

    /** Each node that answers says where it listens; its host is the one that it was asked at. */
    private static List<URI> told(ClusterTarget target, Consumer<String> warning) {
        Set<URI> found = new LinkedHashSet<>();
        List<String> failures = new ArrayList<>();
        for (URI http : target.addresses()) {
            try {
                ApiAnswer answer = ApiClient.of(target, http).look(ApiPath.of("overview"));
                if (answer.status() == FORBIDDEN) {
                    throw Failure.refused("user '" + target.user() + "' may not ask " + http
                            + " where AMQP is to be had: say --amqp, or give the user the tag management");
                }
                found.add(listener(http, answer.orThrow().json().path("listeners")));
            } catch (Failure e) {
                if (e.exitCode() != Failure.UNREACHABLE) {
                    throw e;
                }
                failures.add(e.getMessage());
            }
        }
        if (found.isEmpty()) {
            throw Failure.unreachable(String.join("\n", failures));
        }
        int asked = target.addresses().size() - failures.size();
        if (found.size() < asked) {
            warning.accept(asked + " nodes tell " + found.size() + " AMQP addresses, as nodes in containers do: "
                    + found + ". Say --amqp with those of all nodes");
        }
        return List.copyOf(found);
    }

    /** By TLS if it was asked by TLS. */
    private static URI listener(URI http, JsonNode listeners) {
        boolean secure = "https".equals(http.getScheme());
        for (JsonNode l : listeners) {
            String protocol = l.path("protocol").asText();
            if (protocol.startsWith("amqp") && l.path("tls").asBoolean() == secure) {
                return URI.create((secure ? "amqps://" : "amqp://") + http.getHost() + ":"
                        + l.path("port").asInt());
            }
        }
        throw Failure.refused(http + " tells of no AMQP " + (secure ? "with" : "without") + " TLS: say --amqp");
    }

    int count() {
        return addresses.size();
    }

    /**
     * Connects to the first that can be had.
     *
     * @param first where to begin, counted around
     * @throws Failure if none can be had, or the login is refused
     */
    Connection connect(String name, int first) {
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            URI address = addresses.get(Math.floorMod(first + i, addresses.size()));
            try {
                return factory(address).newConnection(name);
            } catch (AuthenticationFailureException e) {
                throw Failure.refused(address + ": " + e.getMessage());
            } catch (IOException e) {
                if (e.getCause() instanceof ShutdownSignalException closed && isRefusal(closed)) {
                    throw Failure.refused(Reasons.of(closed));
                }
                failures.add(address + ": " + Reasons.of(e));
            } catch (TimeoutException e) {
                failures.add(address + ": no answer in time");
            }
        }
        throw Failure.unreachable(String.join("\n", failures));
    }

    /** A virtual host that is not there, or not for this user; a node that stops says 320. */
    private static boolean isRefusal(ShutdownSignalException closed) {
        return Reasons.code(closed) >= 400;
    }

    private ConnectionFactory factory(URI address) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(address.getHost());
        factory.setPort(address.getPort());
        factory.setUsername(target.user());
        factory.setPassword(target.password());
        factory.setVirtualHost(target.vhost());
        factory.setConnectionTimeout(CONNECT_MILLIS);
        factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        factory.setAutomaticRecoveryEnabled(false);
        if ("amqps".equals(address.getScheme())) {
            factory.useSslProtocol(TrustedCa.context(target.ca()));
            factory.enableHostnameVerification();
        }
        return factory;
    }
}
