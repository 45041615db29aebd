package io.tallymq.amqp.rows;

import io.tallymq.amqp.wire.BasicProperties;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.routing.ExchangeType;
import io.tallymq.broker.settings.ArgumentRow;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import io.tallymq.broker.settings.ArgumentTable;
import io.tallymq.broker.settings.PolicyRow;
import io.tallymq.broker.settings.PolicyTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All rows that a client can notice, from the code's own tables; headers and names that mean something, from its string literals. */
final class Rows {
    static final List<Path> SOURCES =
            List.of(Path.of("..", "raft-log", "src", "main", "java"), Path.of("src", "main", "java"));
    /** Of a header, or of something of the broker's own. What ends in a dash begins names that are literals, too. */
    private static final Pattern LITERAL =
            Pattern.compile("\"(x-[a-z-]*[a-z]|CC|BCC|amq\\.[a-z.-]*[a-z]|amq\\.gen-|amq\\.ctag-)\"");

    private static final List<Owner> QUEUES = List.of(Owner.CLASSIC_QUEUE, Owner.QUORUM_QUEUE, Owner.STREAM_QUEUE);
    /** Headers that have their names from arguments, and one that stands for many. */
    private static final List<String> MORE_HEADERS =
            List.of("x-cache-ttl", "x-deduplication-header", "x-confirm", "x-min-queues", "x-stream-offset", "x-set-*");

    private Rows() {}

    static Set<String> all() {
        Set<String> all = new TreeSet<>();
        Stream.of(MethodId.values()).map(MethodId::methodName).forEach(all::add);
        Stream.of(ReplyCode.values()).map(c -> Integer.toString(c.code())).forEach(all::add);
        Stream.of(BasicProperties.Property.values())
                .map(p -> "property " + p.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .forEach(all::add);
        Stream.of(ExchangeType.values()).map(t -> "type " + t.amqpName()).forEach(all::add);
        all.addAll(
                distinct(ArgumentTable.rows(), Rows::argument, r -> r.owners().get(0)));
        all.addAll(distinct(PolicyTable.rows(), Rows::policy, r -> r.owners().get(0)));
        all.addAll(literals());
        return all;
    }

    private static List<String> argument(ArgumentRow row) {
        return row.owners().stream()
                .map(o -> kind(o) + " " + row.name())
                .distinct()
                .toList();
    }

    private static String kind(Owner owner) {
        return QUEUES.contains(owner) ? "queue" : owner == Owner.EXCHANGE_TYPE ? "type" : owner.title();
    }

    private static List<String> policy(PolicyRow row) {
        return List.of("policy " + row.key());
    }

    /** The names of rows; where several have one, as those of classic queues and of quorum queues, with who has it. */
    private static <R> Set<String> distinct(List<R> rows, Function<R, List<String>> names, Function<R, Owner> owner) {
        List<String> plain = rows.stream().flatMap(r -> names.apply(r).stream()).toList();
        Set<String> all = new TreeSet<>();
        for (R row : rows) {
            for (String name : names.apply(row)) {
                boolean alone = plain.stream().filter(name::equals).count() == 1;
                all.add(alone ? name : name + " of a " + owner.apply(row).title());
            }
        }
        return all;
    }

    private static Set<String> literals() {
        Set<String> known =
                ArgumentTable.rows().stream().map(ArgumentRow::name).collect(Collectors.toCollection(TreeSet::new));
        Stream.of(ExchangeType.values()).map(ExchangeType::amqpName).forEach(known::add);
        Set<String> all = new TreeSet<>();
        for (Path source : SOURCES) {
            try (Stream<Path> files = Files.walk(source)) {
                files.filter(f -> f.toString().endsWith(".java")).forEach(f -> addLiterals(f, known, all));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        MORE_HEADERS.forEach(name -> all.add("header " + name));
        return all;
    }

    private static void addLiterals(Path file, Set<String> known, Set<String> all) {
        try {
            Matcher m = LITERAL.matcher(Files.readString(file));
            while (m.find()) {
                String name = m.group(1);
                if (!known.contains(name)) {
                    all.add(name.startsWith("amq.") ? "name " + name : "header " + name);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
