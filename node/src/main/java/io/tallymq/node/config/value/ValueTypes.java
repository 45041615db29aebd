package io.tallymq.node.config.value;

import io.tallymq.broker.access.NamePattern;
import io.tallymq.login.CertificateName;
import io.tallymq.net.AddressBlock;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The types of values a key can have. */
public final class ValueTypes {
    private static final String NOTHING = "none";

    private ValueTypes() {}

    public static ValueType<Boolean> bool() {
        return new ValueType<>("yes or no", "true or false", text -> switch (text) {
            case "true" -> Parsed.ok(true);
            case "false" -> Parsed.ok(false);
            default -> Parsed.bad("is neither true nor false");
        });
    }

    public static ValueType<Integer> integer(String unit, int min, int max) {
        String allowed = min + " to " + max;
        return new ValueType<>(unit, allowed, text -> {
            if (!text.matches("-?[0-9]{1,18}")) {
                return Parsed.bad("is not a whole number");
            }
            long value = Long.parseLong(text);
            return value < min || value > max ? Parsed.bad("is out of range") : Parsed.ok((int) value);
        });
    }

    /** The index of an entry of the log; -1 for none. */
    public static ValueType<Long> index() {
        return new ValueType<>("index", "none, or a whole number", text -> {
            if (text.equals(NOTHING)) {
                return Parsed.ok(-1L);
            }
            return text.matches("[0-9]{1,18}") ? Parsed.ok(Long.parseLong(text)) : Parsed.bad("is no index");
        });
    }

    /** Bytes. */
    public static ValueType<Long> size(long min, long max) {
        return new ValueType<>("size", Sizes.format(min) + " to " + Sizes.format(max), text -> Sizes.parse(text)
                .then(value -> value < min || value > max ? Parsed.bad("is out of range") : Parsed.ok(value)));
    }

    /** Bytes, or a part of the memory there is; 0 for no limit. */
    public static ValueType<MemoryLimit> memoryLimit() {
        return new ValueType<>("size or part", "0 (none), 0.05 to 1.0, or 64MiB and more", text -> {
            if (text.equals("0")) {
                return Parsed.ok(MemoryLimit.NONE);
            }
            if (text.matches("[01]?[.][0-9]{1,4}")) {
                double part = Double.parseDouble(text);
                return part < 0.05 || part > 1 ? Parsed.bad("is out of range") : Parsed.ok(new MemoryLimit(part, 0));
            }
            return Sizes.parse(text)
                    .then(bytes ->
                            bytes < 64L << 20 ? Parsed.bad("is out of range") : Parsed.ok(new MemoryLimit(0, bytes)));
        });
    }

    /** Addresses; no name is looked up. */
    public static ValueType<List<AddressBlock>> addressBlocks() {
        return new ValueType<>("list", "addresses or address/bits, separated by commas", text -> {
            List<AddressBlock> blocks = new ArrayList<>();
            for (String part : text.split(",", -1)) {
                AddressBlock block = AddressBlock.parse(part.strip());
                if (block == null) {
                    return Parsed.bad("has '" + part.strip() + "', which is neither an address nor address/bits");
                }
                blocks.add(block);
            }
            return Parsed.ok(List.copyOf(blocks));
        });
    }

    /** What browsers send in Origin. */
    public static ValueType<List<String>> origins() {
        return new ValueType<>("list", "origins separated by commas: scheme://host or scheme://host:port", text -> {
            List<String> origins = splitList(text);
            for (String origin : origins) {
                if (!origin.matches("https?://[a-z0-9.\\-\\[\\]:]+")) {
                    return Parsed.bad(
                            "has '" + origin
                                    + "', which is no origin: http:// or https://, a name in small letters, a port unless it is the usual one, and no path");
                }
            }
            return Parsed.ok(origins);
        });
    }

    public static ValueType<Duration> duration(Duration min, Duration max) {
        String allowed = Durations.format(min) + " to " + Durations.format(max);
        return new ValueType<>("duration", allowed, text -> Durations.parse(text)
                .then(value -> value.compareTo(min) < 0 || value.compareTo(max) > 0
                        ? Parsed.bad("is out of range")
                        : Parsed.ok(value)));
    }

    /** Text that matches as a whole; {@code allowed} says the same in words. */
    public static ValueType<String> text(String unit, String regex, String allowed) {
        Pattern pattern = Pattern.compile(regex);
        return new ValueType<>(
                unit,
                allowed,
                text -> pattern.matcher(text).matches()
                        ? Parsed.ok(text)
                        : Parsed.bad("has characters or a length that are not allowed"));
    }

    /** A node's or cluster's name: it becomes part of file names and of identifiers. */
    public static ValueType<String> name() {
        return text("name", "[A-Za-z0-9][A-Za-z0-9._-]{0,62}", "1 to 63 letters, digits, '.', '_', '-'");
    }

    public static ValueType<String> host() {
        return text("host", "[A-Za-z0-9._:%\\[\\]-]{1,253}", "a host name or an IP address");
    }

    public static ValueType<Secret> secret(int minLength) {
        return new ValueType<>(
                "secret",
                "at least " + minLength + " characters",
                text -> text.length() < minLength
                        ? Parsed.bad("is shorter than " + minLength + " characters")
                        : Parsed.ok(new Secret(text)));
    }

    public static ValueType<Path> path() {
        return path("directory");
    }

    public static ValueType<Path> file() {
        return path("file");
    }

    private static ValueType<Path> path(String unit) {
        return new ValueType<>(unit, "a path; a relative one starts at the working directory", text -> {
            try {
                return Parsed.ok(Path.of(text));
            } catch (InvalidPathException e) {
                return Parsed.bad("is not a path: " + e.getReason());
            }
        });
    }

    /** One of an enum's constants, in lower case. */
    public static <E extends Enum<E>> ValueType<E> choice(Class<E> type) {
        E[] all = type.getEnumConstants();
        String allowed = Arrays.stream(all).map(ValueTypes::lower).collect(Collectors.joining(", "));
        return new ValueType<>("word", allowed, text -> Arrays.stream(all)
                .filter(e -> lower(e).equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .map(Parsed::ok)
                .orElseGet(() -> Parsed.bad("is none of them")));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A regular expression that picks the user's name out of a certificate's. */
    public static ValueType<NamePattern> rule() {
        return new ValueType<>("pattern", "a regular expression (RE2) with one group", text -> {
            try {
                NamePattern rule = NamePattern.of(text);
                var unused = new CertificateName(CertificateName.Source.COMMON_NAME, rule);
                return Parsed.ok(rule);
            } catch (IllegalArgumentException e) {
                return Parsed.bad("is no rule: " + e.getMessage());
            }
        });
    }

    /** Names separated by commas, or {@code none}. */
    public static ValueType<List<String>> names() {
        return new ValueType<>("list", "names separated by commas, or none", text -> {
            if (text.equals(NOTHING)) {
                return Parsed.ok(List.of());
            }
            List<String> parts = splitList(text);
            return parts.contains("") ? Parsed.bad("has an empty name between commas") : Parsed.ok(parts);
        });
    }

    public static ValueType<List<Peer>> peers() {
        return new ValueType<>(
                "list", "name@host:raftPort:linkPort or name:id@host:raftPort:linkPort, separated by commas", text -> {
                    List<Peer> peers = new ArrayList<>();
                    for (String part : splitList(text)) {
                        if (Peer.parse(part) instanceof Parsed.Ok<Peer> ok) {
                            peers.add(ok.value());
                        } else {
                            return Parsed.bad("has the part '" + part + "' that is not name@host:raftPort:linkPort");
                        }
                    }
                    return Parsed.ok(List.copyOf(peers));
                });
    }

    private static List<String> splitList(String text) {
        return Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }
}
