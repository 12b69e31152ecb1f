using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>Files of sample prompts in their three forms, and the lines in them.</summary>
internal sealed class PromptFileTarget : FuzzTarget
{
    private static readonly string[] Extensions = [".txt", ".toml", ".json"];

    public override string Name => "prompt files";

    protected override IReadOnlyList<byte[]> Seeds { get; } = Utf8(
        "a cat --n a dog --w 512 --h 512 --d 1 --l 7.5 --s 20 --ss euler_a\n# a remark\na house",
        "[prompt]\nwidth = 512\nscale = 7.5\n[[prompt.subset]]\nprompt = \"a cat\"\nseed = 3\n[[prompt.subset]]\nprompt = \"a house\"\n",
        "[{\"prompt\": \"a cat\", \"sample_steps\": 20}, {\"prompt\": \"a house\", \"negative_prompt\": \"rain\"}]");

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8(" --w ", " --l ", " --ss ", " --", "[[prompt.subset]]", "prompt = ", "\"prompt\": ", "{", "[", "\\ud800", "1e999", "NaN");

    public override void Try(byte[] input, string folder)
    {
        foreach (var extension in Extensions)
            Read(Write(folder, $"prompts{extension}", input));
    }

    private static void Read(string path)
    {
        try
        {
            foreach (var line in SamplePromptFile.Read(path))
                Parse(line);
        }
        catch (EngineException)
        {
            // The other two forms may still take it.
        }
    }

    private static void Parse(string line)
    {
        try
        {
            SamplePrompt.Parse(line);
        }
        catch (ArgumentException)
        {
            // What a line is refused with: it may also be an argument.
        }
    }
}
