using System.Globalization;
using System.Text.Json;
using LoraPS.Engine.Lora;

namespace LoraPS.Engine.Tests.Lora;

/// <summary>Learning rates of sd-scripts 48d368fa: what was asked for, and the groups that came of it.</summary>
internal sealed record LearningRateCase(
    JsonElement Root, LoraOptions Network, IReadOnlyList<double>? BlockWeights, IReadOnlyList<LearningRateCase.Group> Groups)
{
    public double? Rate(string name) => Root.GetProperty(name) is { ValueKind: JsonValueKind.Number } rate ? rate.GetDouble() : null;

    public double? Argument(string name) => Text(Root.GetProperty("network_args"), name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    public static List<LearningRateCase> All(string model)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(TestFiles.Fixture("lora/learning_rates.json")));
        return [.. json.RootElement.GetProperty(model).EnumerateArray().Select(element => Read(element.Clone()))];
    }

    private static LearningRateCase Read(JsonElement element)
    {
        var arguments = element.GetProperty("network_args");
        var rates = new BlockLearningRates
        {
            Down = Text(arguments, "down_lr_weight"),
            Middle = Text(arguments, "mid_lr_weight"),
            Up = Text(arguments, "up_lr_weight"),
            ZeroThreshold = double.Parse(Text(arguments, "block_lr_zero_threshold") ?? "0", CultureInfo.InvariantCulture),
        };
        return new(
            element,
            new() { Rank = 4, ConvRank = 2, BlockLearningRates = rates is { Down: null, Middle: null, Up: null } ? null : rates },
            element.GetProperty("block_lr_weight") is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(weight => weight.GetDouble())] : null,
            [.. element.GetProperty("groups").EnumerateArray().Select(group => new Group(
                group.GetProperty("description").GetString()!,
                group.GetProperty("lr").GetDouble(),
                [.. group.GetProperty("modules").EnumerateArray().Select(module => module.GetString()!)]))]);
    }

    private static string? Text(JsonElement arguments, string name) => arguments.TryGetProperty(name, out var text) ? text.GetString() : null;

    /// <summary>Parameters with one learning rate; a module's name is followed by " up" or " down" where the group has only that half.</summary>
    internal sealed record Group(string Description, double LearningRate, IReadOnlyList<string> Modules);
}
