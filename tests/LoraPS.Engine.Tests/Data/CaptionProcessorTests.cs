using System.Text.Json;
using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Tests.Data;

public class CaptionProcessorTests
{
    private const int Draws = 2000;

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, DatasetFixture.Json("captions.json").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Captions_are_those_of_the_reference_and_as_frequent(int number)
    {
        var expected = DatasetFixture.Json("captions.json")[number];
        var moment = new CaptionMoment(
            expected.GetProperty("current_epoch").GetInt32(),
            expected.GetProperty("current_step").GetInt32(),
            expected.GetProperty("max_train_steps").GetInt32());
        var drawn = Enumerable.Range(0, Draws)
            .Select(item => CaptionProcessor.Process(
                expected.GetProperty("caption").GetString()!,
                Options(expected.GetProperty("options")),
                moment,
                new CounterRandom(1, RandomPurpose.Caption, 1, item)))
            .CountBy(caption => caption)
            .ToDictionary(caption => caption.Key, caption => (double)caption.Value / Draws);

        var outputs = expected.GetProperty("outputs").EnumerateArray().ToDictionary(output => output[0].GetString()!, output => output[1].GetDouble());
        Assert.Equal(outputs.Keys.Order(StringComparer.Ordinal), drawn.Keys.Order(StringComparer.Ordinal));
        Assert.All(outputs, output => Assert.Equal(output.Value, drawn[output.Key], 0.06));
    }

    private static CaptionOptions Options(JsonElement json)
    {
        var options = new CaptionOptions();
        foreach (var option in json.EnumerateObject())
            options = option.Name switch
            {
                "shuffle_caption" => options with { Shuffle = option.Value.GetBoolean() },
                "keep_tokens" => options with { KeepTokens = option.Value.GetInt32() },
                "keep_tokens_separator" => options with { KeepTokensSeparator = option.Value.GetString() },
                "secondary_separator" => options with { SecondarySeparator = option.Value.GetString() },
                "caption_separator" => options with { Separator = option.Value.GetString()! },
                "caption_prefix" => options with { Prefix = option.Value.GetString() },
                "caption_suffix" => options with { Suffix = option.Value.GetString() },
                "enable_wildcard" => options with { EnableWildcard = option.Value.GetBoolean() },
                "caption_dropout_rate" => options with { DropoutRate = option.Value.GetDouble() },
                "caption_dropout_every_n_epochs" => options with { DropoutEveryNEpochs = option.Value.GetInt32() },
                "caption_tag_dropout_rate" => options with { TagDropoutRate = option.Value.GetDouble() },
                "token_warmup_min" => options with { TokenWarmupMin = option.Value.GetInt32() },
                "token_warmup_step" => options with { TokenWarmupStep = option.Value.GetDouble() },
                _ => throw new InvalidOperationException($"No property for {option.Name}."),
            };
        return options;
    }
}
