package io.tallymq.amqp.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.amqp.Row;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** Each row of {@code docs/compatibility.md} has a test that makes it come true: see {@link Row}. */
class RowsTest {
    private static final Path DOC = Path.of("..", "docs", "compatibility.md");

    private static final List<Method> TESTS =
            ReflectionSupport.findAllClassesInPackage("io.tallymq.amqp", c -> true, n -> n.endsWith("Test")).stream()
                    .flatMap(c ->
                            AnnotationSupport.findAnnotatedMethods(c, Row.class, HierarchyTraversalMode.TOP_DOWN)
                                    .stream())
                    .toList();

    private static Set<String> tested() {
        Set<String> tested = new TreeSet<>();
        TESTS.forEach(t -> tested.addAll(List.of(t.getAnnotation(Row.class).value())));
        return tested;
    }

    @Test
    void eachRowHasATest() {
        Set<String> without = Rows.all();
        without.removeAll(tested());
        assertEquals(Set.of(), without, "rows without a test that has them as its @Row");
    }

    @Test
    void eachTestIsOfRowsThatAreThere() {
        Set<String> unknown = tested();
        unknown.removeAll(Rows.all());
        assertEquals(Set.of(), unknown);
    }

    @Test
    void allOfThemRun() {
        List<String> idle = TESTS.stream()
                .filter(t -> !AnnotationSupport.isAnnotated(t, Testable.class)
                        || t.isAnnotationPresent(Disabled.class)
                        || t.getDeclaringClass().isAnnotationPresent(Disabled.class))
                .map(Method::toString)
                .toList();
        assertEquals(List.of(), idle);
    }

    /** The other way round: headers, properties, exchanges and other names. Methods, codes and tables of the code's own are compared elsewhere. */
    @Test
    void theDocumentHasEachOfThem() throws IOException {
        String doc = Files.readString(DOC);
        List<String> missing = Rows.all().stream()
                .filter(row -> row.matches("(header|property|name|type) .*"))
                .filter(row -> !doc.contains("`" + row.replaceFirst("^[a-z]+ ", "") + "`"))
                .toList();
        assertEquals(List.of(), missing, "not in the document");
    }

    /** What the tables of the document name is known here: a row that is written by hand, too, is a row that has a test. */
    @Test
    void theDocumentHasNoOtherRows() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String row : Rows.all()) {
            names.add(row.replaceFirst("^[a-z]+ ", "").replaceFirst(" of a .*", ""));
        }
        List<String> unknown = new ArrayList<>();
        for (String line : Files.readAllLines(DOC)) {
            Matcher first = Pattern.compile("^\\| (.*?) \\|").matcher(line);
            if (first.find() && !first.group(1).equals("method")) {
                Matcher name = Pattern.compile("`([^`]+)`|^(\\d{3}) ").matcher(first.group(1));
                while (name.find()) {
                    String n = name.group(1) == null ? name.group(2) : name.group(1);
                    boolean http =
                            n.startsWith("/") && n.length() > 1 || n.startsWith(".../"); // their tests are in admin-api
                    if (!http && !names.contains(n)) {
                        unknown.add(n);
                    }
                }
            }
        }
        assertEquals(List.of(), unknown);
        assertTrue(names.contains("x-death"));
    }
}
