package io.tallymq.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ProductVersionTest {
    @Test
    void isThreeNumbersWhereverTheClassesStand() {
        assertTrue(ConfigCommand.version().matches("\\d+\\.\\d+\\.\\d+"), ConfigCommand.version());
    }

    @Test
    void isTheBuilds() throws IOException {
        Matcher m = Pattern.compile("<version>([^<]*)</version>").matcher(Files.readString(Path.of("../pom.xml")));
        assertTrue(m.find());
        assertEquals(ProductVersion.numbers(m.group(1)), ProductVersion.RELEASE);
        assertEquals(ProductVersion.RELEASE, ConfigCommand.version());
    }

    @Test
    void qualifiersAreLeftOut() {
        assertEquals("1.2.3", ProductVersion.numbers("1.2.3-SNAPSHOT"));
        assertEquals("1.2.3", ProductVersion.numbers("1.2.3+build.7"));
        assertEquals("1.2.3", ProductVersion.numbers("1.2.3"));
        assertEquals(ProductVersion.RELEASE, ProductVersion.numbers(null));
    }
}
