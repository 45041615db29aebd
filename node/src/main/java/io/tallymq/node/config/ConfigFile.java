package io.tallymq.node.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The configuration file: UTF-8 with or without a byte order mark, a line {@code key = value} per key. A line that begins with # is a comment; there are
 * no comments behind a value, no quotes, no escapes and no continued lines, so that a password can hold anything.
 */
final class ConfigFile {
    /** Some editors begin UTF-8 files with it. It says nothing. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private ConfigFile() {}

    static void readInto(Settings settings, Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            settings.problem("--config " + file + ": there is no such file; give the path of one, e.g. --config"
                    + " /etc/tallymq/tallymq.conf");
            return;
        } catch (CharacterCodingException e) {
            settings.problem("--config " + file + ": the file is not UTF-8 text; save it as UTF-8");
            return;
        } catch (IOException e) {
            settings.problem("--config " + file + ": the file can not be read (" + e + "); it must be a readable text"
                    + " file, e.g. --config /etc/tallymq/tallymq.conf");
            return;
        }
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            boolean marked = i == 0 && line.startsWith(BYTE_ORDER_MARK);
            readLine(settings, file, i + 1, marked ? line.substring(BYTE_ORDER_MARK.length()) : line, seen);
        }
    }

    private static void readLine(Settings settings, Path file, int number, String line, Map<String, Integer> seen) {
        String text = line.strip();
        if (text.isEmpty() || text.startsWith("#")) {
            return;
        }
        String origin = file + " line " + number;
        int equals = text.indexOf('=');
        if (equals < 1) {
            settings.problem(origin + ": this is not \"key = value\", e.g. " + AmqpKeys.PORT.exampleLine());
            return;
        }
        String name = text.substring(0, equals).strip();
        Integer before = seen.put(name, number);
        if (before != null) {
            settings.problem(Settings.shown(name) + " (" + origin + "): the key stands in line " + before
                    + " already; remove one of" + " the two lines");
            return;
        }
        settings.put(name, text.substring(equals + 1), origin);
    }
}
