package io.tallymq.node.proof;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.concurrent.TimeUnit;

/**
 * Gives a node's process a clock of its own: in every class but the JDK's, calls of {@link System}'s clocks become calls of {@link
 * NodeTime}'s. Only a constant of a class file is exchanged, so the node runs the code that it always runs. The JDK's own timed
 * waits last as long as ever: a node whose seconds are short wakes up late, as it sees it.
 *
 * <p>Loaded with {@code -javaagent:JAR=FILE}; the file holds speed and offset in milliseconds and is looked at all the time.
 */
public final class ClockAgent implements ClassFileTransformer {
    private static final String SYSTEM = "java/lang/System";
    private static final String TIME = "io/tallymq/node/proof/NodeTime";
    private static final long LOOK_MILLIS = 100;

    private ClockAgent() {}

    /** Called by the JVM before the node's main method. */
    public static void premain(String file, Instrumentation instrumentation) throws IOException {
        Path clock = Path.of(file);
        set(clock);
        Thread watch = new Thread(() -> watch(clock), "clock");
        watch.setDaemon(true);
        watch.start();
        instrumentation.addTransformer(new ClockAgent());
    }

    private static void watch(Path clock) {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
                set(clock);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void set(Path clock) throws IOException {
        String[] words = Files.readString(clock).strip().split(" ");
        NodeTime.set(Double.parseDouble(words[0]), Long.parseLong(words[1]));
    }

    @Override
    public byte[] transform(
            ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] classFile) {
        if (loader == null || name == null || name.startsWith(TIME)) {
            return null;
        }
        return exchange(classFile);
    }

    /** The class file with the other clock; null when it asks for no time. */
    static byte[] exchange(byte[] classFile) {
        Constants constants = new Constants(classFile);
        return constants.askForTime() ? constants.exchanged() : null;
    }

    /** The constants of a class file (JVM specification, 4.4). */
    private static final class Constants {
        private static final int COUNT_AT = 8;
        private static final int UTF8 = 1;
        private static final int LONG = 5;
        private static final int DOUBLE = 6;
        private static final int CLASS = 7;
        private static final int METHOD = 10;
        private static final int METHOD_HANDLE = 15;
        private static final int MOST = 65_535;

        private final ByteBuffer file;
        private final int[] at;
        private final int end;

        Constants(byte[] classFile) {
            file = ByteBuffer.wrap(classFile.clone());
            at = new int[u2(COUNT_AT)];
            int position = COUNT_AT + 2;
            for (int i = 1; i < at.length; i++) {
                at[i] = position;
                int tag = file.get(position);
                position += size(tag, position);
                i += tag == LONG || tag == DOUBLE ? 1 : 0;
            }
            end = position;
        }

        private int size(int tag, int position) {
            return switch (tag) {
                case UTF8 -> 3 + u2(position + 1);
                case LONG, DOUBLE -> 9;
                case METHOD_HANDLE -> 4;
                case CLASS, 8, 16, 19, 20 -> 3;
                default -> 5;
            };
        }

        private int u2(int position) {
            return Short.toUnsignedInt(file.getShort(position));
        }

        private String utf8(int index) {
            int position = at[index];
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < u2(position + 1); i++) {
                text.append((char) file.get(position + 3 + i));
            }
            return text.toString();
        }

        boolean askForTime() {
            for (int i = 1; i < at.length; i++) {
                if (isClock(i)) {
                    return at.length + 2 <= MOST;
                }
            }
            return false;
        }

        private boolean isClock(int index) {
            if (at[index] == 0 || file.get(at[index]) != METHOD) {
                return false;
            }
            String owner = utf8(u2(at[u2(at[index] + 1)] + 1));
            String method = utf8(u2(at[u2(at[index] + 3)] + 1));
            return owner.equals(SYSTEM) && (method.equals("nanoTime") || method.equals("currentTimeMillis"));
        }

        byte[] exchanged() {
            int text = at.length;
            for (int i = 1; i < at.length; i++) {
                if (isClock(i)) {
                    file.putShort(at[i] + 1, (short) (text + 1));
                }
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.write(file.array(), 0, COUNT_AT);
                out.writeShort(at.length + 2);
                out.write(file.array(), COUNT_AT + 2, end - COUNT_AT - 2);
                out.writeByte(UTF8);
                out.writeUTF(TIME);
                out.writeByte(CLASS);
                out.writeShort(text);
                out.write(file.array(), end, file.array().length - end);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }
}
