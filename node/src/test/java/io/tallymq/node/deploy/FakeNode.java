package io.tallymq.node.deploy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a script of {@code deploy/} sees of a node: a process with {@code --config FILE} whose HTTP API answers 200. */
final class FakeNode {
    private static final String PORT = "http.port";

    private FakeNode() {}

    public static void main(String[] args) throws IOException {
        List<String> config = Files.readAllLines(Path.of(args[1]));
        int port = config.stream()
                .filter(line -> line.startsWith(PORT))
                .mapToInt(line ->
                        Integer.parseInt(line.substring(line.indexOf('=') + 1).strip()))
                .findFirst()
                .orElseThrow();
        serve(port);
    }

    /** Answers everything on the loopback address with 200; port 0 is any. */
    static HttpServer serve(int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        return server;
    }
}
