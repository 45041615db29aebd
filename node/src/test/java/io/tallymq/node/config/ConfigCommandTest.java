package io.tallymq.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.config.value.LogLevel;
import io.tallymq.node.config.value.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {
    private static final String PLAIN = "TALLYMQ_TLS_NODES";
    private static final String PEERS = "n1@a:1:2,n2@b:1:2,n3@c:1:2";
    private static final String SECRET = "0123456789abcdef";

    @TempDir
    Path dir;

    private String file(String... lines) throws IOException {
        return Files.write(dir.resolve("tallymq.conf"), List.of(lines)).toString();
    }

    @Test
    void defaultsMakeASingleNode() {
        NodeConfig config = new Command(Map.of()).run();
        assertEquals("n1", config.cluster().self().name());
        assertEquals("127.0.0.1", config.cluster().bindHost());
        assertNull(config.cluster().secret());
        assertEquals(new NodeConfig.Listen("0.0.0.0", 5672), config.amqp().listen());
        assertEquals(16 << 20, config.amqp().maxMessageSize());
        assertEquals(131_072, config.amqp().negotiation().frameMax());
        assertEquals(Duration.ofSeconds(60), config.amqp().negotiation().heartbeat());
        assertEquals(List.of("guest"), config.auth().loopbackUsers());
        assertEquals(256 << 10, config.replication().batch().maxBytes());
        assertEquals(Duration.ofSeconds(10), config.replication().nodeLostGrace());
        assertEquals(LogLevel.INFO, config.logLevel());
    }

    @Test
    void theEnvironmentOverridesTheFileAndTheCommandLineBoth() throws IOException {
        String file = file("# a comment", "", "amqp.port = 1", "http.port=2", "  batch.in-flight =  3  ");
        Map<String, String> env = Map.of("TALLYMQ_HTTP_PORT", "20", "TALLYMQ_BATCH_IN_FLIGHT", "30", "PATH", "/bin");
        NodeConfig config = new Command(env).run("--config", file, "--set", "batch.in-flight=300");
        assertEquals(1, config.amqp().listen().port());
        assertEquals(20, config.http().listen().port());
        assertEquals(300, config.replication().batch().inFlight());
    }

    @Test
    void theFileCanBeNamedInTheEnvironment() throws IOException {
        Map<String, String> env = Map.of("TALLYMQ_CONFIG", file("amqp.port = 7"));
        assertEquals(7, new Command(env).run().amqp().listen().port());
    }

    @Test
    void anEmptyVariableSaysNothing() throws IOException {
        Map<String, String> env = Map.of("TALLYMQ_AMQP_PORT", " ", "TALLYMQ_CONFIG", "");
        assertEquals(
                7,
                new Command(env)
                        .run("--config", file("amqp.port = 7"))
                        .amqp()
                        .listen()
                        .port());
    }

    @Test
    void whatRabbitsImagesAreToldIsUnderstoodAndOursWins() {
        NodeConfig.Auth auth = new Command(Map.of(
                        "RABBITMQ_DEFAULT_USER", "ann",
                        "RABBITMQ_DEFAULT_PASS", "pw",
                        "RABBITMQ_DEFAULT_VHOST", "shop",
                        "RABBITMQ_NODENAME", "of nobody's concern",
                        "TALLYMQ_AUTH_DEFAULT_USER", "bob"))
                .run()
                .auth();
        assertEquals(
                "bob pw shop", auth.defaultUser() + " " + auth.defaultPassword().reveal() + " " + auth.defaultVhost());
    }

    @Test
    void aPasswordMayHoldAnything() throws IOException {
        String file = file("auth.default-password = a #b=\"c\" \\d");
        assertEquals(
                "a #b=\"c\" \\d",
                new Command(Map.of())
                        .run("--config", file)
                        .auth()
                        .defaultPassword()
                        .reveal());
    }

    @Test
    void aByteOrderMarkSaysNothing() throws IOException {
        assertEquals(
                7,
                new Command(Map.of())
                        .run("--config", file("\uFEFFamqp.port = 7"))
                        .amqp()
                        .listen()
                        .port());
    }

    @Test
    void aVariableThatTheLocaleCouldNotHoldIsRefused() {
        List<String> errors = new Command(Map.of("TALLYMQ_AUTH_DEFAULT_PASSWORD", "s\uFFFD\uFFFDsam")).errors();
        assertEquals(
                List.of("tallymq: auth.default-password (environment TALLYMQ_AUTH_DEFAULT_PASSWORD): the value has"
                        + " characters that are not UTF-8, or that the process's locale can't hold; start it with"
                        + " LC_ALL=C.UTF-8, or write the key into the file that --config names"),
                errors);
        assertEquals(
                1, new Command(Map.of()).errors("--set", "data.dir=/\uFFFD").size());
        assertEquals(
                "s\u00e4sam",
                new Command(Map.of("TALLYMQ_AUTH_DEFAULT_PASSWORD", "s\u00e4sam"))
                        .run()
                        .auth()
                        .defaultPassword()
                        .reveal());
    }

    /** As YAML has it: all that stands before an equals sign, and base64 ends with one. */
    @Test
    void aLineThatIsNoKeyShowsNoSecret() throws IOException {
        String secret = "3q2+7wAAbbCCddEEffGGhg==";
        String file = file("cluster.secret: " + secret, "cluster.secret: " + secret);
        List<String> errors = new Command(Map.of()).errors("--config", file);
        assertTrue(errors.get(0).startsWith("tallymq: cluster.secret... (" + file + " line 1): "), errors::toString);
        assertFalse(errors.toString().contains("3q2"), errors::toString);
        for (String[] typed : new String[][] {
            {"--set", "cluster.secret:abc"},
            {"--set", "cluster.secret abc"},
            {"--set", "cluster.secret", "abc"},
            {"--set", "=abc"},
            {"--secret=abc"}
        }) {
            errors = new Command(Map.of()).errors(typed);
            assertEquals(1, errors.size(), errors::toString);
            assertFalse(errors.get(0).contains("abc"), errors::toString);
        }
    }

    @Test
    void everyMistakeIsALineOfItsOwn() throws IOException {
        String file = file("amqp.port = lots", "amqp.prt = 1", "no equals sign", "http.port = 1", "http.port = 2");
        Map<String, String> env = Map.of(
                "TALLYMQ_AMQP_HEARTBEAT", "60",
                "TALLYMQ_AMQP_HEARTBEET", "60s",
                "TALLYMQ_CLUSTER_SECRET", "tooshort");
        List<String> errors = new Command(env)
                .errors("--config", file, "--set", "amqp.max-message-size=1GiB", "--set", "nonsense", "--set", "a=b");
        assertEquals(
                List.of(
                        "tallymq: amqp.prt (" + file + " line 2): there is no such key; did you mean amqp.port, e.g."
                                + " amqp.port = 5672",
                        "tallymq: " + file + " line 3: this is not \"key = value\", e.g. amqp.port = 5672",
                        "tallymq: http.port (" + file + " line 5): the key stands in line 4 already; remove one of the"
                                + " two lines",
                        "tallymq: TALLYMQ_AMQP_HEARTBEET (environment): no key has this variable; did you mean"
                                + " TALLYMQ_AMQP_HEARTBEAT, e.g. TALLYMQ_AMQP_HEARTBEAT=30s",
                        "tallymq: --set nonsense: this is not key=value, e.g. --set amqp.port=5672",
                        "tallymq: a (--set): there is no such key; --help lists all keys, e.g. amqp.port = 5672",
                        "tallymq: cluster.secret (environment TALLYMQ_CLUSTER_SECRET): \"********\" is shorter than 16"
                                + " characters; allowed: at least 16 characters, e.g. cluster.secret ="
                                + " what-openssl-rand-hex-16-prints",
                        "tallymq: amqp.port (" + file
                                + " line 1): \"lots\" is not a whole number; allowed: -1 to 65535,"
                                + " e.g. amqp.port = 5672",
                        "tallymq: amqp.heartbeat (environment TALLYMQ_AMQP_HEARTBEAT): \"60\" has no unit; write 60s for"
                                + " seconds or 60ms for milliseconds; allowed: 0s to 65535s, e.g. amqp.heartbeat = 30s",
                        "tallymq: amqp.max-message-size (--set): \"1GiB\" is out of range; allowed: 1KiB to 128MiB,"
                                + " e.g. amqp.max-message-size = 64MiB"),
                errors);
    }

    @Test
    void anEmptyValueIsAMistake() throws IOException {
        List<String> errors = new Command(Map.of()).errors("--config", file("amqp.port ="));
        assertEquals(1, errors.size());
        assertTrue(errors.get(0).contains("the value is empty; allowed: -1 to 65535"), errors.get(0));
    }

    @Test
    void aMissingFileIsNamed() {
        List<String> errors =
                new Command(Map.of()).errors("--config", dir.resolve("absent").toString());
        assertEquals(1, errors.size());
        assertTrue(errors.get(0).contains("absent: there is no such file"), errors.get(0));
        assertTrue(
                new Command(Map.of()).errors("--config", dir.toString()).get(0).contains("can not be read"));
    }

    @Test
    void whatIsNotTextIsRefused() throws IOException {
        Path binary = Files.write(dir.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertTrue(new Command(Map.of())
                .errors("--config", binary.toString())
                .get(0)
                .contains("is not UTF-8 text"));
    }

    @Test
    void anUnknownOptionIsAMistake() {
        List<String> errors = new Command(Map.of()).errors("--prot", "5672");
        assertEquals(1, errors.size());
        assertTrue(errors.get(0).contains("--prot") && errors.get(0).contains("--help"), errors.get(0));
        assertTrue(new Command(Map.of()).errors("--config").get(0).contains("--config"));
    }

    @Test
    void variablesOfTheLauncherAndOfServicesNextDoorAreLeftAlone() {
        new Command(Map.of(
                        "TALLYMQ_JAVA_OPTS", "-Xmx1g",
                        "TALLYMQ_SERVICE_HOST", "10.0.0.1",
                        "TALLYMQ_SERVICE_PORT_AMQP", "5672",
                        "TALLYMQ_PORT_5672_TCP_ADDR", "10.0.0.1",
                        "TALLYMQ_PORT", "tcp://10.0.0.1:5672",
                        "TALLYMQ_AMQP_PORT", "tcp://10.0.0.1:5672"))
                .run();
    }

    @Test
    void aClusterNeedsASecret() {
        List<String> errors = new Command(Map.of("TALLYMQ_CLUSTER_PEERS", PEERS, PLAIN, "off")).errors();
        assertEquals(1, errors.size());
        assertTrue(errors.get(0).startsWith("tallymq: cluster.secret (default): "), errors.get(0));
        NodeConfig config = new Command(
                        Map.of("TALLYMQ_CLUSTER_PEERS", PEERS, "TALLYMQ_CLUSTER_SECRET", SECRET, PLAIN, "off"))
                .run();
        assertEquals(new Secret(SECRET), config.cluster().secret());
    }

    @Test
    void nodesOnSeveralMachinesNeedCertificates() {
        Map<String, String> env = Map.of("TALLYMQ_CLUSTER_PEERS", PEERS, "TALLYMQ_CLUSTER_SECRET", SECRET);
        List<String> errors = new Command(env).errors();
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.get(0).startsWith("tallymq: tls.nodes (default): "), errors.get(0));
        for (String part : List.of("n1@a:1:2 is not on this machine", "deploy/tally certs", "tls.nodes = off")) {
            assertTrue(errors.get(0).contains(part), errors.get(0));
        }
        String[] clients = {
            "--set", "tls.certificate=c.pem", "--set", "tls.key=c-key.pem", "--set", "tls.authorities=ca.pem"
        };
        assertEquals(
                new NodeConfig.NodesPem(Path.of("c.pem"), Path.of("c-key.pem"), Path.of("ca.pem")),
                new Command(env).run(clients).tls().nodes());
        NodeConfig own = new Command(env)
                .run(
                        "--set", "tls.nodes-certificate=n.pem",
                        "--set", "tls.nodes-key=n-key.pem",
                        "--set", "tls.authorities=ca.pem");
        assertEquals(
                new NodeConfig.NodesPem(Path.of("n.pem"), Path.of("n-key.pem"), Path.of("ca.pem")),
                own.tls().nodes());
        assertEquals(
                1,
                new Command(env).errors("--set", "tls.nodes-certificate=n.pem").size());
    }

    @Test
    void nodesOnOneMachineSpeakTlsIfTheyAreTold() {
        Map<String, String> env = Map.of(
                "TALLYMQ_CLUSTER_PEERS",
                "n1@localhost:1:2,n2@[::1]:3:4,n3@127.0.0.1:5:6",
                "TALLYMQ_CLUSTER_SECRET",
                SECRET);
        assertNull(new Command(env).run().tls().nodes());
        assertEquals(1, new Command(env).errors("--set", "tls.nodes=on").size());
        assertNull(new Command(Map.of("TALLYMQ_CLUSTER_PEERS", "n1@10.0.0.1:1:2"))
                .run()
                .tls()
                .nodes());
    }

    @Test
    void thePeersMustHoldThisNodeAndNoAddressTwice() {
        Map<String, String> env =
                Map.of("TALLYMQ_CLUSTER_PEERS", PEERS, "TALLYMQ_CLUSTER_SECRET", SECRET, PLAIN, "off");
        List<String> errors = new Command(env).errors("--set", "node.name=n4");
        assertEquals(1, errors.size());
        assertTrue(
                errors.get(0)
                        .contains(
                                "the list [n1, n2, n3] does not contain this node, node.name = n4, e.g. cluster.peers ="),
                errors.get(0));
        assertEquals(
                1,
                new Command(env)
                        .errors("--set", "cluster.peers=n1@a:1:2,n1@b:1:2,n3@c:1:2")
                        .size());
        assertEquals(
                1,
                new Command(env)
                        .errors("--set", "cluster.peers=n1@a:1:2,n2@a:2:3,n3@c:1:2")
                        .size());
    }

    @Test
    void valuesThatContradictEachOther() {
        List<String> errors = new Command(Map.of())
                .errors(
                        "--set", "raft.election-timeout-min=4s",
                        "--set", "amqp.heartbeat=1500ms",
                        "--set", "amqp.max-message-size=64MiB",
                        "--set", "http.port=5672");
        assertEquals(4, errors.size(), errors::toString);
        assertTrue(errors.get(0).startsWith("tallymq: raft.election-timeout-max (default): "), errors.get(0));
        assertTrue(errors.get(1).startsWith("tallymq: amqp.heartbeat (--set): "), errors.get(1));
        assertTrue(errors.get(2).startsWith("tallymq: batch.pending-bytes (default): "), errors.get(2));
        assertTrue(errors.get(3).startsWith("tallymq: http.port (--set): "), errors.get(3));
    }

    @Test
    void nobodyLogsInByACertificateThatIsNotAskedFor() {
        String[] names = {"--set", "tls.login-name=san-email", "--set", "tls.login-rule=(.+)@example[.]com"};
        List<String> errors = new Command(Map.of()).errors(names);
        assertEquals(2, errors.size(), errors::toString);
        assertTrue(errors.get(0).startsWith("tallymq: tls.login-name (--set): "), errors.get(0));
        assertTrue(errors.get(1).startsWith("tallymq: tls.login-rule (--set): "), errors.get(1));
        assertTrue(errors.get(1).contains("set tls.clients = optional or required"), errors.get(1));
        new Command(Map.of("TALLYMQ_TLS_CLIENTS", "optional", "TALLYMQ_TLS_AUTHORITIES", "ca.pem")).run(names);
        new Command(Map.of("TALLYMQ_TLS_LOGIN_NAME", "common-name")).run();
    }

    @Test
    void withoutPortsClientsComeByTls() {
        List<String> errors = new Command(Map.of()).errors("--set", "amqp.port=-1", "--set", "http.port=-1");
        assertEquals(2, errors.size(), errors::toString);
        assertTrue(errors.get(0).contains("set tls.certificate and tls.key"), errors.get(0));
        assertTrue(errors.get(1).contains("http.enabled = false"), errors.get(1));
    }

    @Test
    void whatIsProbablyNotMeantIsAWarning() {
        assertEquals(List.of(), warnings());
        assertEquals(1, warnings("--set", "auth.loopback-users=none").size());
        List<String> even = warnings(
                "--set", "cluster.peers=n1@localhost:1:2,n2@127.0.0.2:1:2", "--set", "cluster.secret=" + SECRET);
        assertEquals(1, even.size());
        assertTrue(even.get(0).contains("use an odd number"), even.get(0));
    }

    private static List<String> warnings(String... args) {
        return assertInstanceOf(ConfigCommand.Run.class, new Command(Map.of()).outcome(args))
                .warnings();
    }

    @Test
    void helpHoldsEveryKey() {
        String help = new Command(Map.of()).printed("--help");
        for (Key<?> key : ConfigKeys.ALL) {
            String line = help.lines()
                    .filter(l -> l.startsWith("  " + key.name() + " "))
                    .findFirst()
                    .orElse("");
            assertTrue(
                    line.contains(key.type().unit()) && line.contains(key.type().allowed()), key.name());
            assertTrue(key.defaultText().isEmpty() || line.contains("default " + key.defaultText()), line);
            assertTrue(help.contains(key.description()), key.name());
        }
        for (String other : List.of("--config", "--set", "--print-config", "TALLYMQ_JAVA_OPTS", "TALLYMQ_CONFIG")) {
            assertTrue(help.contains(other), other);
        }
    }

    @Test
    void theEffectiveConfigSaysWhereFromAndHidesSecrets() throws IOException {
        String file = file("amqp.port = 7", "auth.default-password = sesame-open");
        Map<String, String> env = Map.of("TALLYMQ_CLUSTER_SECRET", SECRET, "TALLYMQ_HTTP_PORT", "8");
        String printed = new Command(env).printed("--config", file, "--set", "node.name=n1", "--print-config");
        assertTrue(printed.contains("# " + file + " line 1\namqp.port = 7\n"), printed);
        assertTrue(printed.contains("# environment TALLYMQ_HTTP_PORT\nhttp.port = 8\n"), printed);
        assertTrue(printed.contains("# --set\nnode.name = n1\n"), printed);
        assertTrue(printed.contains("# default\nlog.level = info\n"), printed);
        assertTrue(printed.contains("#cluster.bind-host is not set\n"), printed);
        assertFalse(printed.contains("sesame") || printed.contains(SECRET), printed);
    }

    @Test
    void neitherConfigNorErrorsShowASecret() {
        Map<String, String> env = Map.of("TALLYMQ_CLUSTER_SECRET", SECRET, "TALLYMQ_AUTH_DEFAULT_PASSWORD", "sesame");
        String shown = new Command(env).run().toString();
        assertFalse(shown.contains(SECRET) || shown.contains("sesame"), shown);
    }

    @Test
    void version() {
        assertTrue(new Command(Map.of()).printed("--version").startsWith("tallymq "));
    }
}
