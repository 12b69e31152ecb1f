namespace LoraPS.Engine.Formats.Torch;

/// <summary>Something of Python that a pickle names. Only those in this list are ever accepted, and none is ever called.</summary>
/// <param name="Name">Module and name, such as <c>torch._utils._rebuild_tensor_v2</c>.</param>
/// <param name="DType">For a type of storage, what it holds.</param>
internal sealed record PickleGlobal(string Name, SafetensorsDType? DType = null)
{
    /// <summary>Makes an empty ordered dictionary.</summary>
    public const string OrderedDictionary = "collections.OrderedDict";

    /// <summary>Makes a tensor of a storage.</summary>
    public const string Tensor = "torch._utils._rebuild_tensor_v2";

    /// <summary>Marks a tensor as trainable.</summary>
    public const string Parameter = "torch._utils._rebuild_parameter";

    private static readonly Dictionary<string, PickleGlobal> Known = new PickleGlobal[]
    {
        new(OrderedDictionary), new(Tensor), new(Parameter),
        new("torch.DoubleStorage", SafetensorsDType.F64), new("torch.FloatStorage", SafetensorsDType.F32), new("torch.HalfStorage", SafetensorsDType.F16),
        new("torch.BFloat16Storage", SafetensorsDType.BF16), new("torch.LongStorage", SafetensorsDType.I64), new("torch.IntStorage", SafetensorsDType.I32),
        new("torch.ShortStorage", SafetensorsDType.I16), new("torch.CharStorage", SafetensorsDType.I8), new("torch.ByteStorage", SafetensorsDType.U8),
        new("torch.BoolStorage", SafetensorsDType.Bool),
    }.ToDictionary(global => global.Name, StringComparer.Ordinal);

    /// <summary>One of the list, or null.</summary>
    public static PickleGlobal? Find(string name) => Known.GetValueOrDefault(name);
}
