package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.store.RocksStoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents say of the tests and of sizes by default is so. */
class DocumentedTestsTest {
    private static final Path ROOT = Path.of("..");
    /** {@code SomeTest#method} or {@code SomeTest.method}; a method that ends with ... is the beginning of one. */
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*Test)(?:[#.]([a-z]\\w*)(\\.\\.\\.)?)?`");
    /** All of them: some lie in files of other names. */
    private static final Pattern CLASS = Pattern.compile("\\bclass (\\w+Test)\\b");

    private static List<Path> files(Path in, String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(in)) {
            return all.filter(
                            f -> f.toString().endsWith(suffix) && !f.toString().contains("/target/"))
                    .toList();
        }
    }

    private static Map<String, String> tests() throws IOException {
        Map<String, String> tests = new TreeMap<>();
        for (Path file : files(ROOT, ".java")) {
            String text = Files.readString(file);
            for (Matcher m = CLASS.matcher(text); m.find(); ) {
                tests.merge(m.group(1), text, String::concat);
            }
        }
        return tests;
    }

    @Test
    void theTestsThatDocumentsNameAreThere() throws IOException {
        Map<String, String> tests = tests();
        List<Path> documents = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
        documents.add(ROOT.resolve("README.md"));
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Path document : documents) {
            for (Matcher m = TEST.matcher(Files.readString(document)); m.find(); named++) {
                String text = tests.get(m.group(1));
                boolean isThere = text != null
                        && (m.group(2) == null
                                || Pattern.compile("\\b" + m.group(2) + (m.group(3) == null ? "\\(" : "\\w*\\("))
                                        .matcher(text)
                                        .find());
                if (!isThere) {
                    missing.add(document.getFileName() + ": " + m.group());
                }
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(named > 300, named + " tests are named");
    }

    @Test
    void theReadmesMemtablesAreThoseOfTheProduct() throws IOException {
        long one = RocksStoreConfig.MEMTABLE_BYTES >> 20;
        String text = Files.readString(ROOT.resolve("README.md")).replaceAll("\\s+", " ");
        assertTrue(text.contains("all memtables (" + one * RocksStoreConfig.MEMTABLES + " MiB by default)"));
        assertTrue(text.contains("(up to 16 memtables, " + 16 * one + " MiB)"));
    }

    @Test
    void theMemoryOfSizingIsThatOfTheProduct() throws IOException {
        long bytes = RocksStoreConfig.MEMTABLE_BYTES * RocksStoreConfig.MEMTABLES
                + RocksStoreConfig.BLOCK_CACHE_BYTES
                + RocksStoreConfig.BODY_CACHE_BYTES;
        String text = Files.readString(ROOT.resolve("docs/operations.md"));
        assertTrue(text.contains("memtables and caches " + (bytes >> 20) + " MiB"), bytes + " bytes");
    }
}
