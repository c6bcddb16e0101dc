using ExampleMlFarm.Core;
using ExampleMlFarm.Learning.Linear;

namespace ExampleMlFarm.Tests.Learning.Linear;

public class NearestExampleTests
{
    [Fact]
    public void A_training_input_gives_its_own_target()
    {
        float[] x = [.. RidgeTests.Normal(150).Select(v => (float)v)], y = [.. RidgeTests.Normal(100).Select(v => (float)v)];
        Assert.Equal(y, new NearestExample(x, 3, y, 2).Predict(x));
    }

    [Fact]
    public void Of_equally_near_examples_the_first_wins()
    {
        var nearest = new NearestExample([1, 0, 1, 0, -1, 0], 2, [5, 6, 7], 1);
        Assert.Equal([5f, 5f], nearest.Predict([1, 0, 0, 0]));
        Assert.Equal((0, 1.0), nearest.Find([0, 0])[0]);
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<FarmException>(() => new NearestExample([1, 2, 3], 2, [1], 1));
        Assert.Throws<FarmException>(() => new NearestExample([1, 2], 2, [1], 1).Predict([1]));
    }
}
