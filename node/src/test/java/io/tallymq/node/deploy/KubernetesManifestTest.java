package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.tallymq.node.config.ConfigKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** deploy/kubernetes/tallymq.yaml has what Kubernetes knows and nothing else, and its parts fit together. */
class KubernetesManifestTest {
    private static final Path MANIFEST = Path.of("..", "deploy", "kubernetes", "tallymq.yaml");
    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "v1 Service", Service.class,
            "policy/v1 PodDisruptionBudget", PodDisruptionBudget.class,
            "apps/v1 StatefulSet", StatefulSet.class);

    /** The models take fields that they do not know; here they are faults. */
    private static ObjectMapper strict() {
        ObjectMapper mapper = new ObjectMapper();
        mapper.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        mapper.setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
            @Override
            public Boolean hasAnySetter(Annotated a) {
                return false;
            }
        });
        return mapper;
    }

    private static HasMetadata read(JsonNode document) throws JsonProcessingException {
        String kind = document.path("apiVersion").asText() + " "
                + document.path("kind").asText();
        assertTrue(KINDS.containsKey(kind), kind);
        return strict().treeToValue(document, KINDS.get(kind));
    }

    private static List<JsonNode> documents() throws IOException {
        ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
        try (var all = yaml.readerFor(JsonNode.class).<JsonNode>readValues(Files.readString(MANIFEST))) {
            return all.readAll();
        }
    }

    private static <T> List<T> all(Class<T> kind) throws IOException {
        List<T> found = new ArrayList<>();
        for (JsonNode document : documents()) {
            HasMetadata object = read(document);
            if (kind.isInstance(object)) {
                found.add(kind.cast(object));
            }
        }
        return found;
    }

    @Test
    void eachObjectIsOneThatKubernetesKnows() throws IOException {
        for (JsonNode document : documents()) {
            HasMetadata object = read(document);
            assertEquals(
                    document.path("metadata").path("name").asText(),
                    object.getMetadata().getName());
        }
    }

    @Test
    void aFieldThatThereIsNotIsFound() {
        JsonNode wrong = new ObjectMapper()
                .createObjectNode()
                .put("apiVersion", "v1")
                .put("kind", "Service")
                .set("spec", new ObjectMapper().createObjectNode().put("clusterIp", "None"));
        assertThrows(JsonProcessingException.class, () -> read(wrong));
    }

    private static Container container() throws IOException {
        return all(StatefulSet.class)
                .get(0)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);
    }

    @Test
    void eachVariableIsAKeyOfTheConfiguration() throws IOException {
        Set<String> keys = new TreeSet<>();
        ConfigKeys.ALL.forEach(key -> keys.add(key.env()));
        for (EnvVar variable : container().getEnv()) {
            assertTrue(keys.contains(variable.getName()), variable.getName());
        }
    }

    private static String value(String variable) throws IOException {
        return container().getEnv().stream()
                .filter(v -> v.getName().equals(variable))
                .findFirst()
                .orElseThrow(() -> new AssertionError(variable + " is missing"))
                .getValue();
    }

    /** By default nobody reads what the nodes say to each other, and nobody else is taken for one. */
    @Test
    void theNodesSpeakTlsByCertificatesOfASecretThatIsMadeAsTheManifestSays() throws IOException {
        assertEquals("on", value("TALLYMQ_TLS_NODES"));
        PodSpec pod = all(StatefulSet.class).get(0).getSpec().getTemplate().getSpec();
        Volume volume = pod.getVolumes().stream()
                .filter(v -> v.getSecret() != null)
                .findFirst()
                .orElseThrow();
        VolumeMount mount = container().getVolumeMounts().stream()
                .filter(m -> m.getName().equals(volume.getName()))
                .findFirst()
                .orElseThrow();
        assertTrue(mount.getReadOnly());
        assertEquals(0440, volume.getSecret().getDefaultMode());
        String text = Files.readString(MANIFEST);
        String made = text.lines()
                .filter(line -> line.contains(
                        "create secret generic " + volume.getSecret().getSecretName() + " "))
                .findFirst()
                .orElseThrow();
        for (String variable : List.of("CERTIFICATE", "KEY", "AUTHORITIES")) {
            String file = value("TALLYMQ_TLS_NODES_" + variable);
            assertTrue(file.startsWith(mount.getMountPath() + "/"), file);
            String name = file.substring(mount.getMountPath().length() + 1);
            assertTrue(made.contains("--from-file=certs/" + name), name);
        }
        List<String> hosts = new ArrayList<>();
        for (String peer : value("TALLYMQ_CLUSTER_PEERS").split(",", -1)) {
            hosts.add(peer.replaceAll(".*@|:.*", ""));
        }
        assertTrue(
                text.contains("deploy/tally certs --dir certs node=" + String.join(",", hosts) + "\n"),
                hosts.toString());
    }

    private static List<String> preStop() throws IOException {
        return container().getLifecycle().getPreStop().getExec().getCommand();
    }

    /** All that is waited for there, and as much again, is within the grace period. */
    @Test
    void whatComesBeforeTheStopIsBoundedInTime() throws IOException {
        Matcher bounds = Pattern.compile("timeout --kill-after=(\\d+) (\\d+) .*\\nsleep (\\d+)\\n$")
                .matcher(preStop().get(2));
        assertTrue(bounds.find(), preStop().toString());
        long seconds = 0;
        for (int i = 1; i <= bounds.groupCount(); i++) {
            seconds += Long.parseLong(bounds.group(i));
        }
        long grace =
                all(StatefulSet.class).get(0).getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds();
        assertTrue(2 * seconds < grace, seconds + " of " + grace);
    }

    /** It logs in as the user of the secret, tells no word of it to who lists processes, and a failure keeps nobody. */
    @Test
    void beforeTheStopAnotherNodeIsToLead(@TempDir Path directory) throws Exception {
        Path told = directory.resolve("told");
        script(directory.resolve("tally"), "echo \"$TALLY_USER $TALLY_PASSWORD $*\" >> " + told + "; exit 1");
        script(directory.resolve("sleep"), "echo \"sleep $*\" >> " + told);
        List<String> command = new ArrayList<>(preStop());
        command.replaceAll(word -> word.replace(
                "/opt/tallymq/bin/tally", directory.resolve("tally").toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PATH", directory + ":" + System.getenv("PATH"));
        builder.environment().put("TALLYMQ_NODE_NAME", "tallymq-1");
        builder.environment().put("TALLYMQ_AUTH_DEFAULT_USER", "tally");
        builder.environment().put("TALLYMQ_AUTH_DEFAULT_PASSWORD", "a $word\"");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertEquals(
                List.of("tally a $word\" cluster transfer --away tallymq-1", "sleep 5"),
                Files.readAllLines(told),
                said);
    }

    private static void script(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        assertTrue(file.toFile().setExecutable(true));
    }

    @Test
    void thereAreAsManyPeersAsReplicasAndTheirNamesAreThePods() throws IOException {
        StatefulSet set = all(StatefulSet.class).get(0);
        String peers = value("TALLYMQ_CLUSTER_PEERS");
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < set.getSpec().getReplicas(); i++) {
            String pod = set.getMetadata().getName() + "-" + i;
            expected.add(pod + "@" + pod + "." + set.getSpec().getServiceName() + ":25672:26672");
        }
        assertEquals(String.join(",", expected), peers);
    }

    @Test
    void servicesAndTheBudgetSelectTheNodesAndPortsAreOpen() throws IOException {
        StatefulSet set = all(StatefulSet.class).get(0);
        Map<String, String> labels = set.getSpec().getTemplate().getMetadata().getLabels();
        assertEquals(labels, set.getSpec().getSelector().getMatchLabels());
        Set<Integer> open = new TreeSet<>();
        container().getPorts().forEach(p -> open.add(p.getContainerPort()));
        Set<String> names = new TreeSet<>();
        for (Service service : all(Service.class)) {
            names.add(service.getMetadata().getName());
            assertEquals(labels, service.getSpec().getSelector());
            for (ServicePort port : service.getSpec().getPorts()) {
                assertTrue(open.contains(port.getPort()), service.getMetadata().getName() + " " + port.getPort());
            }
        }
        assertTrue(names.contains(set.getSpec().getServiceName()));
        for (PodDisruptionBudget budget : all(PodDisruptionBudget.class)) {
            assertEquals(labels, budget.getSpec().getSelector().getMatchLabels());
            assertEquals(1, budget.getSpec().getMaxUnavailable().getIntVal());
        }
    }
}
