using LoraPS.Engine.Training.Optimizers;

namespace LoraPS.Engine.Tests.Training.Optimizers;

public class OptimizerArgumentsTests
{
    [Theory]
    [InlineData("adamw", "AdamW")]
    [InlineData("ADAMW8BIT", "AdamW8bit")]
    [InlineData("PagedAdamW8bit", "AdamW8bit")]
    [InlineData("prodigy", "Prodigy")]
    public void Names_are_found_in_any_case_and_by_other_names(string name, string found) =>
        Assert.Equal(found, OptimizerKinds.Find(name).Name);

    [Fact]
    public void An_unknown_name_is_refused_with_those_there_are()
    {
        var error = Assert.Throws<ArgumentException>(() => OptimizerArguments.Parse("AdamZ", []));
        Assert.All(OptimizerKinds.Names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void An_unknown_argument_is_refused_with_those_that_are_accepted()
    {
        var error = Assert.Throws<ArgumentException>(() => OptimizerArguments.Parse("AdamW", ["wieght_decay=0.1"]));
        Assert.Equal("AdamW has no argument 'wieght_decay'. It accepts betas, eps, weight_decay.", error.Message);
    }

    [Theory]
    [InlineData("AdamW", "weight_decay", "name=value")]
    [InlineData("AdamW", "weight_decay=much", "a number of at least 0")]
    [InlineData("AdamW", "weight_decay=-1", "a number of at least 0")]
    [InlineData("AdamW", "betas=0.9", "two numbers")]
    [InlineData("AdamW", "betas=0.9,1", "below 1")]
    [InlineData("Adafactor", "relative_step=1", "True or False")]
    [InlineData("Prodigy", "d0=0", "above 0")]
    [InlineData("Prodigy", "beta3=1.5", "or None")]
    public void A_value_out_of_range_is_refused_with_what_is_accepted(string name, string argument, string accepted) =>
        Assert.Contains(accepted, Assert.Throws<ArgumentException>(() => OptimizerArguments.Parse(name, [argument])).Message, StringComparison.Ordinal);

    [Fact]
    public void An_argument_given_twice_is_refused() =>
        Assert.Throws<ArgumentException>(() => OptimizerArguments.Parse("AdamW", ["eps=1e-6", "eps=1e-7"]));

    /// <summary>sd-scripts turns relative_step on again and goes on.</summary>
    [Fact]
    public void Warm_up_of_a_step_that_Adafactor_does_not_take_is_refused() =>
        Assert.Throws<ArgumentException>(() => OptimizerArguments.Parse("Adafactor", ["warmup_init=True", "relative_step=False"]));

    [Fact]
    public void Values_are_read_as_Python_writes_them_and_brackets_may_be_left_out()
    {
        var arguments = OptimizerArguments.Parse("Prodigy", ["betas=0.8,0.95", "decouple = false", "beta3=None", "growth_rate=inf", "d0=1e-5"]);
        Assert.Equal((0.8, 0.95), arguments.Pair("betas"));
        Assert.False(arguments.Flag("decouple"));
        Assert.Null(arguments.OptionalNumber("beta3"));
        Assert.Equal((double.PositiveInfinity, 1e-5), (arguments.Number("growth_rate"), arguments.Number("d0")));
    }

    [Fact]
    public void Metadata_names_the_class_and_what_was_given()
    {
        Assert.Equal("torch.optim.adamw.AdamW", OptimizerArguments.Parse("AdamW", []).ToString());
        Assert.Equal(
            "torch.optim.adamw.AdamW(weight_decay=0.1,betas=(0.9, 0.99))",
            OptimizerArguments.Parse("AdamW", ["weight_decay=0.1", "betas=0.9,0.99"]).ToString());
    }
}
