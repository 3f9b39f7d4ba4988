// A template in a namespace, with a member function that the compiler must keep and one that it inlines.
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace shop {

template <typename Item>
class Basket {
public:
    void add(Item item) { items_.push_back(item); }
    __attribute__((noinline)) Item total(unsigned rounds) const
    {
        Item sum = 0;
        for (unsigned round = 0; round < rounds; round++)
            for (const Item &item : items_)
                sum += weighed(item, round);
        return sum;
    }

private:
    static Item weighed(Item item, unsigned round)
    {
        return item * static_cast<Item>(round % 7) + item / 3;
    }

    std::vector<Item> items_;
};

} // namespace shop

int main(int argc, char **argv)
{
    shop::Basket<double> basket;
    for (int i = 0; i < 1000; i++)
        basket.add(i);
    volatile double sum = 0;
    do
        sum = sum + basket.total(argc < 2 ? 1000 : atoi(argv[1]));
    while (argc < 2);
    std::printf("%f\n", sum);
    return 0;
}
