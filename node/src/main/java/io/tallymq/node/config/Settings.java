package io.tallymq.node.config;

import io.tallymq.node.config.value.Parsed;
import io.tallymq.node.config.value.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects what was written for each key, a later source over an earlier one, and everything wrong with it. */
final class Settings {
    /** What a decoder puts in place of bytes that its charset does not have. */
    private static final char UNREADABLE = '\uFFFD';

    private final Map<Key<?>, Setting> byKey = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    /** Over what was there. An unknown name is a problem. */
    void put(String name, String text, String origin) {
        ConfigKeys.byName(name)
                .ifPresentOrElse(
                        key -> put(key, text, origin),
                        () -> problems.add(shown(name) + " (" + origin + "): there is no such key"
                                + Suggestion.forKey(shown(name))));
    }

    /** As far as the characters of keys go: of {@code cluster.secret: abc=} the rest is the secret. */
    static String shown(String name) {
        int end = 0;
        while (end < name.length() && isOfKeys(name.charAt(end))) {
            end++;
        }
        return end == name.length() ? name : name.substring(0, end) + "...";
    }

    private static boolean isOfKeys(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || ".-_".indexOf(c) >= 0;
    }

    /**
     * The same for what came with the process, a variable or an argument: the JVM reads those in the locale's charset, and what it
     * can't read there has become another text without a word.
     */
    void putFromProcess(String name, String text, String origin) {
        if (text.indexOf(UNREADABLE) >= 0) {
            problems.add(shown(name) + " (" + origin
                    + "): the value has characters that are not UTF-8, or that the process's"
                    + " locale can't hold; start it with LC_ALL=C.UTF-8, or write the key into the file that"
                    + " --config names");
        } else {
            put(name, text, origin);
        }
    }

    private void put(Key<?> key, String text, String origin) {
        byKey.put(key, new Setting(text.strip(), origin));
    }

    void problem(String line) {
        problems.add(line);
    }

    /** A value that is right by itself but not together with others. */
    void problem(Key<?> key, String reason) {
        problems.add(key.name() + " (" + setting(key).origin() + "): " + reason + ", e.g. " + key.exampleLine());
    }

    List<String> problems() {
        return problems;
    }

    Setting setting(Key<?> key) {
        return byKey.getOrDefault(key, new Setting(key.defaultText(), Setting.DEFAULT));
    }

    boolean isSet(Key<?> key) {
        return !setting(key).text().isEmpty();
    }

    /** The value; {@code null} if there is none or it is wrong, which is then a problem. */
    <T> T value(Key<T> key) {
        Setting setting = setting(key);
        if (setting.text().isEmpty() && key.defaultText().isEmpty()) {
            return null;
        }
        if (setting.text().isEmpty()) {
            problems.add(key.name() + " (" + setting.origin() + "): the value is empty" + allowed(key));
            return null;
        }
        Parsed<T> parsed = key.type().parse(setting.text());
        if (parsed instanceof Parsed.Ok<T> ok) {
            return ok.value();
        }
        String shown = key.secret() ? Secret.MASK : setting.text();
        problems.add(key.name() + " (" + setting.origin() + "): \"" + shown + "\" " + ((Parsed.Bad<T>) parsed).reason()
                + allowed(key));
        return null;
    }

    private static String allowed(Key<?> key) {
        return "; allowed: " + key.type().allowed() + ", e.g. " + key.exampleLine();
    }
}
