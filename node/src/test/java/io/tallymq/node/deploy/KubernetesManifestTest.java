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
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.tallymq.node.config.ConfigKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

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

    @Test
    void thereAreAsManyPeersAsReplicasAndTheirNamesAreThePods() throws IOException {
        StatefulSet set = all(StatefulSet.class).get(0);
        String peers = container().getEnv().stream()
                .filter(v -> v.getName().equals("TALLYMQ_CLUSTER_PEERS"))
                .findFirst()
                .orElseThrow()
                .getValue();
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
