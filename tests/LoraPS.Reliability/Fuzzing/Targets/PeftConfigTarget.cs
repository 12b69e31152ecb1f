using LoraPS.Engine.Merging.Conversion;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Tests;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>The adapter_config.json of a folder as the PEFT library saves it.</summary>
internal sealed class PeftConfigTarget : FuzzTarget
{
    private readonly Lazy<byte[]> _weights = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("loraps-fuzz-").FullName;
        LoraConverter.Convert(TestFiles.Fixture("merge/A.safetensors"), Path.Combine(folder, "adapter"), LoraFormat.PeftFolder);
        var weights = File.ReadAllBytes(Path.Combine(folder, "adapter", "unet", "adapter_model.safetensors"));
        Directory.Delete(folder, recursive: true);
        return weights;
    });

    public override string Name => "adapter_config.json";

    protected override IReadOnlyList<byte[]> Seeds { get; } = Utf8(
        "{\"peft_type\": \"LORA\", \"r\": 4, \"lora_alpha\": 2, \"use_rslora\": true, \"use_dora\": false, \"target_modules\": [\"to_q\"]}",
        "{\"peft_type\": \"LORA\", \"r\": 8, \"rank_pattern\": {\".*\": 4}, \"alpha_pattern\": {\"attn1.to_q\": 3, \"^down_blocks\\\\.[0-9]+\\\\..*to_(q|k)\": 1.5}, \"init_lora_weights\": true}",
        "{\"peft_type\": \"LOHA\", \"r\": 4, \"alpha\": 1}");

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8(
        "\"rank_pattern\": {", "\"alpha_pattern\": {", "(a+)+$", "(.*)*", "((((", "[a-", "(?:", "{1,2147483647}", "\\\\1", "null", "1e999", "-0", "\"\\ud800\"", "[[", "{\"", "LORA", "\"use_rslora\": ");

    public override void Try(byte[] input, string folder)
    {
        var adapter = Directory.CreateDirectory(Path.Combine(folder, "adapter")).FullName;
        var weights = Path.Combine(adapter, "adapter_model.safetensors");
        if (!File.Exists(weights))
            File.WriteAllBytes(weights, _weights.Value);
        File.WriteAllBytes(Path.Combine(adapter, "adapter_config.json"), input);
        LoraConverter.Convert(adapter, Path.Combine(folder, "converted.safetensors"), LoraFormat.Kohya, new() { Overwrite = true });
    }
}
