package io.tallymq.node.config;

import io.tallymq.broker.access.NamePattern;
import io.tallymq.login.CertificateName;
import io.tallymq.net.AddressBlock;
import io.tallymq.node.config.value.ClientCertificates;
import io.tallymq.node.config.value.NodesEncryption;
import io.tallymq.node.config.value.Secret;
import io.tallymq.node.config.value.ValueTypes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Who may come in, and how it is known who he is: certificates, proxies, the first user. */
final class AccessKeys {
    static final Key<Path> TLS_CERTIFICATE = new Key<>(
            "tls.certificate",
            ValueTypes.file(),
            "",
            "/etc/tallymq/node.pem",
            "This node's certificate and those that lead to its root, PEM; read again when it changes. None: no TLS.");
    static final Key<Path> TLS_KEY = new Key<>(
            "tls.key",
            ValueTypes.file(),
            "",
            "/etc/tallymq/node.key",
            "The certificate's key, PEM (PKCS #8), without a password.");
    static final Key<Path> TLS_AUTHORITIES = new Key<>(
            "tls.authorities",
            ValueTypes.file(),
            "",
            "/etc/tallymq/ca.pem",
            "Whose certificates clients may show, PEM; who shows one may log in by its name (EXTERNAL).");
    static final Key<ClientCertificates> TLS_CLIENTS = new Key<>(
            "tls.clients",
            ValueTypes.choice(ClientCertificates.class),
            "none",
            "required",
            "Whether AMQP clients are asked for a certificate.");
    static final Key<CertificateName.Source> TLS_LOGIN_NAME = new Key<>(
            "tls.login-name",
            ValueTypes.choice(CertificateName.Source.class),
            "common-name",
            "san-email",
            "By which name of its certificate a client logs in; of several of a kind the first one.");
    static final Key<NamePattern> TLS_LOGIN_RULE = new Key<>(
            "tls.login-rule",
            ValueTypes.rule(),
            "",
            "([^@]+)@example[.]com",
            "What of that name is the user's: the group of a pattern for all of it. None: all. The same on all nodes.");
    static final Key<Integer> TLS_AMQP_PORT = new Key<>(
            "tls.amqp-port",
            ValueTypes.integer("TCP port", 0, 65_535),
            "5671",
            "5671",
            "Port for AMQP by TLS, if there is a certificate; 0 lets the system choose one.");
    static final Key<Integer> TLS_HTTP_PORT = new Key<>(
            "tls.http-port",
            ValueTypes.integer("TCP port", 0, 65_535),
            "15671",
            "15671",
            "Port of the HTTP API by TLS, if there is a certificate; 0 lets the system choose one.");
    static final Key<Boolean> TLS_AMQP_PROXY = new Key<>(
            "tls.amqp-proxy",
            ValueTypes.bool(),
            "false",
            "true",
            "As amqp.proxy, for AMQP by TLS; the header comes before TLS.");
    static final Key<Boolean> TLS_HTTP_PROXY =
            new Key<>("tls.http-proxy", ValueTypes.bool(), "false", "true", "As http.proxy, for the HTTP API by TLS.");
    static final Key<NodesEncryption> TLS_NODES = new Key<>(
            "tls.nodes",
            ValueTypes.choice(NodesEncryption.class),
            "auto",
            "on",
            "TLS between the nodes, the same on all; auto: if one is not on this machine. off: in a trusted network only.");
    static final Key<Path> TLS_NODES_CERTIFICATE = new Key<>(
            "tls.nodes-certificate",
            ValueTypes.file(),
            "",
            "/etc/tallymq/n1.pem",
            "What this node shows the others in place of tls.certificate; made out to its host in cluster.peers.");
    static final Key<Path> TLS_NODES_KEY = new Key<>(
            "tls.nodes-key",
            ValueTypes.file(),
            "",
            "/etc/tallymq/n1-key.pem",
            "The key of tls.nodes-certificate, PEM (PKCS #8), without a password.");
    static final Key<Path> TLS_NODES_AUTHORITIES = new Key<>(
            "tls.nodes-authorities",
            ValueTypes.file(),
            "",
            "/etc/tallymq/ca.pem",
            "Whose certificates the other nodes may show, PEM, in place of tls.authorities.");

    static final Key<List<AddressBlock>> PROXY_FROM = new Key<>(
            "proxy.from",
            ValueTypes.addressBlocks(),
            "",
            "10.0.0.7,10.1.0.0/16",
            "Whose PROXY headers are believed; who comes from elsewhere sends none and counts by his own address.");
    static final Key<Duration> PROXY_TIMEOUT = new Key<>(
            "proxy.timeout",
            ValueTypes.duration(Duration.ofMillis(100), Duration.ofMinutes(1)),
            "5s",
            "3s",
            "A proxy whose header is not there after this time is disconnected.");

    static final Key<String> AUTH_DEFAULT_USER = new Key<>(
            "auth.default-user",
            ValueTypes.text("name", "\\P{Cntrl}{1,255}", "1 to 255 characters"),
            "guest",
            "orders",
            "The first user of a new cluster, with all rights; later its users are what counts. Or RABBITMQ_DEFAULT_USER.");
    static final Key<Secret> AUTH_DEFAULT_PASSWORD = new Key<>(
            "auth.default-password",
            ValueTypes.secret(1),
            "guest",
            "what-openssl-rand-hex-16-prints",
            "That user's password. Or RABBITMQ_DEFAULT_PASS.");
    static final Key<String> AUTH_DEFAULT_VHOST = new Key<>(
            "auth.default-vhost",
            ValueTypes.text("name", "\\P{Cntrl}{1,255}", "1 to 255 characters"),
            "/",
            "orders",
            "A virtual host that a new cluster begins with, beside /. Or RABBITMQ_DEFAULT_VHOST.");
    static final Key<List<String>> AUTH_LOOPBACK_USERS = new Key<>(
            "auth.loopback-users", ValueTypes.names(), "guest", "none", "Users who may log in from this machine only.");

    /** In the order in which people should read them. */
    static final List<Key<?>> ALL = List.of(
            TLS_CERTIFICATE,
            TLS_KEY,
            TLS_AUTHORITIES,
            TLS_CLIENTS,
            TLS_LOGIN_NAME,
            TLS_LOGIN_RULE,
            TLS_AMQP_PORT,
            TLS_HTTP_PORT,
            TLS_AMQP_PROXY,
            TLS_HTTP_PROXY,
            TLS_NODES,
            TLS_NODES_CERTIFICATE,
            TLS_NODES_KEY,
            TLS_NODES_AUTHORITIES,
            PROXY_FROM,
            PROXY_TIMEOUT,
            AUTH_DEFAULT_USER,
            AUTH_DEFAULT_PASSWORD,
            AUTH_DEFAULT_VHOST,
            AUTH_LOOPBACK_USERS);

    private AccessKeys() {}
}
