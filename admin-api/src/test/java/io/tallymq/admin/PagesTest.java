package io.tallymq.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page's files are all served, whole, and make text of data only. */
class PagesTest {
    private static final Path FILES = Path.of("src", "main", "resources", "io", "tallymq", "admin");
    private static final int MOST_LINES = 300;

    private static Admin admin;

    @BeforeAll
    static void start() throws IOException {
        admin = new Admin();
    }

    @AfterAll
    static void stop() {
        admin.close();
    }

    private static List<Path> modules() throws IOException {
        try (Stream<Path> files = Files.list(FILES)) {
            return files.filter(f -> f.toString().endsWith(".js")).sorted().toList();
        }
    }

    @Test
    void everyModuleIsServed() throws IOException {
        assertTrue(modules().size() > 20);
        for (Path module : modules()) {
            var answer = admin.send("GET", "/page/" + module.getFileName(), null);
            assertEquals(200, answer.statusCode(), module::toString);
            assertEquals(Files.readString(module), answer.body());
            assertEquals(
                    "text/javascript; charset=utf-8",
                    answer.headers().firstValue("Content-Type").orElse(""));
        }
        assertEquals(404, admin.send("GET", "/page/none.js", null).statusCode());
        assertEquals(404, admin.send("GET", "/page/..%2Fpaths.properties", null).statusCode());
    }

    @Test
    void whatIsAskedForIsThere() throws IOException {
        List<String> paths = new ArrayList<>();
        Matcher tags =
                Pattern.compile("(?:src|href)=\"(/[^\"]*)\"").matcher(Files.readString(FILES.resolve("index.html")));
        while (tags.find()) {
            paths.add(tags.group(1));
        }
        for (Path module : modules()) {
            Matcher imports = Pattern.compile("from \"\\./([^\"]*)\"").matcher(Files.readString(module));
            while (imports.find()) {
                paths.add("/page/" + imports.group(1));
            }
        }
        assertTrue(paths.contains("/page/app.js") && paths.contains("/page/table.js"));
        paths.removeIf(path -> path.startsWith("/api/"));
        for (String path : paths) {
            assertEquals(200, admin.send("GET", path, null).statusCode(), path);
        }
    }

    @Test
    void noModuleIsLongOrMakesMarkup() throws IOException {
        for (Path module : modules()) {
            String text = Files.readString(module);
            assertTrue(text.lines().count() <= MOST_LINES, module::toString);
            for (String forbidden :
                    List.of("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")) {
                assertTrue(!text.contains(forbidden), () -> module + " has " + forbidden);
            }
        }
    }

    @Test
    void theLibraryIsTheOneThatIsNamed() throws IOException {
        assertTrue(admin.send("GET", "/page/uplot.js", null).body().contains("leeoniya/uPlot"));
        assertTrue(Files.readString(Path.of("..", "docs", "licenses.txt")).contains("uPlot"));
    }
}
