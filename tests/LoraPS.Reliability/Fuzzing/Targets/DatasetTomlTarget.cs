using LoraPS.Engine.Data.Configuration;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>Data set configurations in TOML.</summary>
internal sealed class DatasetTomlTarget : FuzzTarget
{
    public override string Name => "dataset.toml";

    protected override IReadOnlyList<byte[]> Seeds { get; } = Utf8(
        "[general]\nshuffle_caption = true\ncaption_extension = '.txt'\nkeep_tokens = 1\n\n[[datasets]]\nresolution = [512, 768]\nbatch_size = 4\nenable_bucket = true\n\n  [[datasets.subsets]]\n  image_dir = 'C:\\hoge'\n  class_tokens = 'hoge girl'\n  num_repeats = 10\n",
        "datasets = [{resolution = 64, subsets = [{image_dir = \"a\", flip_aug = true, caption_dropout_rate = 0.1}]}]\n# end",
        "[[datasets]]\nresolution = 512\n[[datasets.subsets]]\nimage_dir = \"\"\"x\"\"\"\nis_reg = true\ncaption_prefix = \"a, \"\ntoken_warmup_step = 0.5\n");

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8(
        "[[datasets]]", "[[datasets.subsets]]", "[general]", "image_dir = ", "a.b.c.", "\"\"\"", "'''", "[[", "{a=", "[", "= 1979-05-27T07:32:00Z", "0x7fffffffffffffff", "inf", "nan", "1_000", "resolution = ", "batch_size = ", "num_repeats = ", "\n", " = ");

    public override void Try(byte[] input, string folder) => DatasetConfigReader.Read(Write(folder, "x.toml", input));
}
