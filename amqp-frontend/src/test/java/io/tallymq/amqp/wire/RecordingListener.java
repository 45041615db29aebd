package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;

/** Writes down what a decoder finds. Pieces of a body that follow each other become one line. */
class RecordingListener implements FrameListener {
    final List<String> events = new ArrayList<>();
    final List<Method> methods = new ArrayList<>();
    WireException error;

    @Override
    public void onProtocolHeader(boolean accepted) {
        events.add("protocol " + accepted);
    }

    @Override
    public void onMethod(int channel, Method method) {
        methods.add(method);
        events.add("method " + channel + " " + method);
    }

    @Override
    public void onHeader(int channel, int classId, int weight, long bodySize, ByteBuf properties) {
        String size = Long.toUnsignedString(bodySize);
        String weighty = weight == 0 ? "" : " weight " + weight;
        events.add("header " + channel + " " + classId + " " + size + " " + ByteBufUtil.hexDump(properties) + weighty);
    }

    @Override
    public void onBody(int channel, ByteBuf octets) {
        String prefix = "body " + channel + " ";
        String hex = ByteBufUtil.hexDump(octets);
        int last = events.size() - 1;
        if (last >= 0 && events.get(last).startsWith(prefix)) {
            events.set(last, events.get(last) + hex);
        } else {
            events.add(prefix + hex);
        }
    }

    @Override
    public void onHeartbeat() {
        events.add("heartbeat");
    }

    @Override
    public void onError(int channel, WireException e) {
        error = e;
        events.add("error " + channel + " " + e.replyText());
    }
}
