using System.Text;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Tests.Formats;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>LoRA files whose keys, shapes and numbers do not fit each other: described, checked and merged.</summary>
internal sealed class LoraFileTarget : FuzzTarget
{
    private const string Module = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
    private static readonly string[] Suffixes = [".lora_down.weight", ".lora_up.weight", ".alpha", ".hada_w1_a", ".hada_w1_b", ".hada_w2_a", ".hada_w2_b", ".hada_t1", ".lokr_w1", ".lokr_w2", ".lokr_w2_a", ".lokr_w2_b", ".lokr_t2", ".dora_scale", ".lora_mid.weight", ".lora_A.weight", ""];
    private static readonly string[] Types = ["F32", "F32", "F32", "F16", "BF16", "F64", "I64", "U8", "BOOL", "F8_E4M3"];

    public override string Name => "LoRA";

    protected override IReadOnlyList<byte[]> Seeds { get; } = [[0]];

    public override void Try(byte[] input, string folder)
    {
        var path = Write(folder, "x.safetensors", input);
        var merged = Path.Combine(folder, "merged.safetensors");
        // Each by itself: what one refuses another may take.
        Refusable(() => LoraFile.Read(path));
        Refusable(() => LoraCheck.Check(path));
        Refusable(() => LoraMeasure.Measure(path));
        Refusable(() => LoraMerger.Merge([new(path, 0.5), new(path, 1)], merged, new() { Force = true }));
        Refusable(() => LoraResizer.Resize(path, merged, new() { Rank = 2, Force = true }));
    }

    protected override byte[] Shape(Random random, byte[] changed)
    {
        var header = new StringBuilder("{\"__metadata__\":{\"ss_network_dim\":\"4\"}");
        long at = 0;
        var names = new HashSet<string>();
        for (var count = random.Next(1, 8); count > 0; count--)
        {
            var name = Module + (random.Next(3) == 0 ? "_b" : "") + Suffixes[random.Next(random.Next(2) == 0 ? 3 : Suffixes.Length)];
            if (!names.Add(name))
                continue;
            var (type, shape) = (Types[random.Next(Types.Length)], string.Join(',', Enumerable.Range(0, random.Next(random.Next(3) == 0 ? 6 : 3)).Select(_ => random.Next(10) == 0 ? 0 : random.Next(1, 5))));
            var bytes = shape.Split(',', StringSplitOptions.RemoveEmptyEntries).Aggregate(1L, (product, side) => product * int.Parse(side)) * Size(type);
            header.Append($",\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{shape}],\"data_offsets\":[{at},{at + bytes}]}}");
            at += bytes;
        }

        var file = RawSafetensors.Bytes(header.Append('}').ToString(), (int)at);
        // Numbers of all sizes, NaN among them.
        if (random.Next(2) == 0)
            random.NextBytes(file.AsSpan(file.Length - (int)at));
        return file;
    }

    private static int Size(string type) => type switch { "F64" or "I64" => 8, "F32" => 4, "F16" or "BF16" => 2, _ => 1 };

    private static void Refusable(Action use)
    {
        try
        {
            use();
        }
        catch (Engine.Runtime.EngineException)
        {
            // As it should be.
        }
    }
}
