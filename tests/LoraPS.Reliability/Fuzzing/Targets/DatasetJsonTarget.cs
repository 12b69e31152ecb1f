using LoraPS.Engine.Data.Configuration;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>Data set configurations in JSON.</summary>
internal sealed class DatasetJsonTarget : FuzzTarget
{
    public override string Name => "dataset.json";

    protected override IReadOnlyList<byte[]> Seeds { get; } = Utf8(
        "{\"general\": {\"shuffle_caption\": true}, \"datasets\": [{\"resolution\": [512, 768], \"batch_size\": 4, \"subsets\": [{\"image_dir\": \"a\", \"num_repeats\": 10}]}]}",
        "{\"datasets\": [{\"resolution\": 64,\n \"subsets\": [{\"image_dir\": \"b\", \"caption_dropout_rate\": 0.5, \"custom_attributes\": {\"a\": 1}}]}]}");

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8("\"datasets\":", "\"subsets\":", "[{", "}]", "\"image_dir\":", "1e400", "\"a\":", "[[", "{\"a\":");

    public override void Try(byte[] input, string folder) => DatasetConfigReader.Read(Write(folder, "x.json", input));
}
