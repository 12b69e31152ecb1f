using System.Text.Json;
using LoraPS.Engine.Training.LearningRates;

namespace LoraPS.Engine.Tests.Training.LearningRates;

/// <summary>Learning rates computed by sd-scripts 48d368fa with diffusers 0.32.1, and by the formulas of transformers.</summary>
public class LrSchedulesTests
{
    private static readonly JsonElement[] Cases =
        [.. JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("train_math/lr_schedules.json"))).RootElement.EnumerateArray()
            .Where(item => item.GetProperty("options").TryGetProperty("lr_scheduler", out _))];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Cases.Length)];

    [Fact]
    public void Every_schedule_is_among_the_cases() =>
        Assert.Equal(LrSchedules.Names.Order(), Cases.Select(item => item.GetProperty("options").GetProperty("lr_scheduler").GetString()).Distinct().Order());

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Rates_equal_the_reference(int number)
    {
        var test = Cases[number];
        var options = test.GetProperty("options");
        var plan = new LrPlan(Options(options), options.GetProperty("max_train_steps").GetInt32(), test.GetProperty("optimizer_default_lr").GetDouble());
        foreach (var (group, rates) in test.GetProperty("lr_before_step").EnumerateArray().Index())
        {
            var rate = test.GetProperty("group_lrs")[group].GetDouble();
            foreach (var (step, expected) in rates.EnumerateArray().Index())
                Assert.Equal(expected.GetDouble(), rate * plan.Factor(step), 1e-12 + (1e-9 * expected.GetDouble()));
        }
    }

    [Fact]
    public void A_share_is_cut_to_whole_steps_and_1_is_one_step()
    {
        Assert.Equal(19, new LrScheduleOptions { Warmup = 0.195 }.WarmupSteps(100));
        Assert.Equal(1, new LrScheduleOptions { Warmup = 1 }.WarmupSteps(100));
    }

    [Fact]
    public void A_warm_up_as_long_as_the_run_divides_by_nothing()
    {
        foreach (var kind in LrSchedules.All.Where(kind => kind.Uses.Contains(nameof(LrScheduleOptions.Warmup))))
            Assert.True(double.IsFinite(new LrPlan(new() { Name = kind.Name, Warmup = 10, MinRatio = 0 }, 10, 1e-4).Factor(10)), kind.Name);
    }

    [Theory]
    [InlineData("0.5", 100, 0.5)]
    [InlineData("1:10,0.1:20,0.05", 9, 1)]
    [InlineData("1:10,0.1:20,0.05", 10, 0.1)]
    [InlineData("0.1:20,1:10,0.05", 9, 1)]
    [InlineData("1:10,0.1:20,0.05", 20, 0.05)]
    public void Step_rules_hold_up_to_their_step(string rules, int step, double factor) =>
        Assert.Equal(factor, StepRules.Parse(rules).Factor(step));

    [Theory]
    [InlineData("")]
    [InlineData("1:10")]
    [InlineData("10,0.1:20")]
    [InlineData("1:x,0.1")]
    public void Other_text_is_no_step_rules(string rules) => Assert.Throws<ArgumentException>(() => StepRules.Parse(rules));

    private static LrScheduleOptions Options(JsonElement options)
    {
        double Number(string name, double standard) => options.TryGetProperty(name, out var value) ? value.GetDouble() : standard;
        double? Optional(string name) => options.TryGetProperty(name, out var value) ? value.GetDouble() : null;
        return new()
        {
            Name = options.GetProperty("lr_scheduler").GetString()!,
            Warmup = Number("lr_warmup_steps", 0),
            Decay = Number("lr_decay_steps", 0),
            Cycles = (int)Number("lr_scheduler_num_cycles", 1),
            Power = Number("lr_scheduler_power", 1),
            Timescale = (int?)Optional("lr_scheduler_timescale"),
            MinRatio = Optional("lr_scheduler_min_lr_ratio"),
            StepRules = options.TryGetProperty("lr_scheduler_args", out var rules) ? rules[0].GetString()!.Split('=')[1].Trim('\'') : null,
        };
    }
}
