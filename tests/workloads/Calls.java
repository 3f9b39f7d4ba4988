/** A known call chain in compiled Java: main, descend (ten times), spin. */
public class Calls {
    static long spin() {
        long total = 0;
        for (int i = 0; i < 20000; i++) {
            total += Integer.toString(i).hashCode();
        }
        return total;
    }

    static long descend(int depth) {
        return depth == 0 ? spin() : descend(depth - 1) + 1;
    }

    public static void main(String[] arguments) {
        long total = 0;
        while (total != 1) {
            total += descend(10) | 2;
        }
    }
}
